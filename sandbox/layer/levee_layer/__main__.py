"""Command line: `python -m levee_layer --port 0 --ready-file PATH` runs one emulated cloud until it is told to end."""

from __future__ import annotations

import argparse
import os

# Both must stand in the environment before moto is imported for the first time.
os.environ.setdefault("MOTO_IAM_LOAD_MANAGED_POLICIES", "true")
os.environ.setdefault("AWS_DEFAULT_REGION", "us-west-2")

from .options import Options, add_arguments, options_from  # noqa: E402


def parse(argv=None) -> Options:
    parser = argparse.ArgumentParser(prog="levee_layer", description="An emulated AWS on 127.0.0.1.")
    add_arguments(parser)
    return options_from(parser.parse_args(argv))


def main(argv=None) -> int:
    options = parse(argv)
    if options.detach:
        os.setsid()
    from .server import serve

    return serve(options)


if __name__ == "__main__":
    raise SystemExit(main())
