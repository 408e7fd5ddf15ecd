"""Whether another distribution has installed its modules into the folder of this package."""

import os


def check_installation() -> None:
    """Raises ImportError if a module has the name of a package: this package has no such one."""
    folder = os.path.dirname(__file__)  # noqa: PTH120 - every import runs this, and pathlib is slow
    names = {*os.listdir(folder)}  # noqa: PTH208
    strange = sorted(f"{name}.py" for name in names if f"{name}.py" in names)
    if strange:
        raise ImportError(
            f"'{folder}' has modules of another distribution that is imported as 'mockserver' too, "
            f"such as mockserver-client of PyPI: {', '.join(strange)}. Uninstall both, then "
            "install mockserver-kit, or install them in two environments."
        )
