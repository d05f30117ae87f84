#!/usr/bin/env python3
"""Writes the seed corpus of fuzz_sequence: stories of different length that are drawn at random, each
byte a choice (tests/support/storm/choices.h). Run it in this folder; the seeds stay, so do the files.
"""
import os
import random

OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "corpus", "sequence")

if __name__ == "__main__":
    os.makedirs(OUT, exist_ok=True)
    for number, length in enumerate([40, 100, 250, 250, 600, 600, 1500, 1500, 4000, 4000]):
        with open(os.path.join(OUT, f"story_{number}"), "wb") as file:
            file.write(random.Random(number).randbytes(length))
