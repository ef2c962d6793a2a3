#!/bin/sh
# How the tones were made: sine waves of 8 s, mono, 32 kbit/s, one file a frequency (ffmpeg with libmp3lame).
# The frequencies are an octave's whole tones, so that no tone is a harmonic of another.
set -eu
cd "$(dirname "$0")"
for hertz in 500 561 630 707 794 891; do
    ffmpeg -v error -y -f lavfi -i "sine=frequency=$hertz:duration=8:sample_rate=44100" -af volume=6dB \
        -codec:a libmp3lame -b:a 32k -map_metadata -1 "$hertz.mp3"
done
