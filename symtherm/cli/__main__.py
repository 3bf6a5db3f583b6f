"""``python -m symtherm.cli``."""

from symtherm.cli import main

if __name__ == "__main__":
    main()
