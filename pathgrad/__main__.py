"""``python -m pathgrad``: the command."""

import sys

from pathgrad.cli import main

sys.exit(main())
