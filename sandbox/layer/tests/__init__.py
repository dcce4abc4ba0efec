"""Tests of the layer: `python -m unittest discover -s tests -t .` in `sandbox/layer`, with moto's venv."""
