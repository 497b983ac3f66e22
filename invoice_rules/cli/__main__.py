"""`python -m invoice_rules.cli`: the same as the command `invoice-rules`."""

from invoice_rules.cli import main

if __name__ == "__main__":
    main()
