"""All benchmarks: python -m tests.benchmarks."""

from tests.benchmarks import checking, column_matching

if __name__ == "__main__":
    column_matching.main([])
    checking.main(1_000_000)
