"""Words spoken by a program on this machine, by default espeak-ng: `CLIENTELA_SPEECH` names another.

The program reads text from its input and writes a WAV (16 bit, one channel, any rate) to its output.
"""
