"""``python -m loyalty_research``."""

import sys

from loyalty_research.cli import main

if __name__ == "__main__":
    sys.exit(main())
