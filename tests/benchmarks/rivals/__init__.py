"""Who we are measured against, each written out for the same work: an honest version by somebody who knows the tool."""
