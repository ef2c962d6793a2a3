#!/bin/sh
# How the seeds of the audio doors were made (ffmpeg with libmp3lame and libvorbis).
set -eu
cd "$(dirname "$0")"
for form in ogg flac; do
    ffmpeg -v error -y -f lavfi -i "sine=frequency=600:duration=0.4:sample_rate=8000" -ac 1 -q:a 0 \
        -map_metadata -1 -fflags +bitexact "tone.$form"
done
ffmpeg -v error -y -f lavfi -i "sine=frequency=561:duration=2:sample_rate=22050" -af volume=6dB \
    -codec:a libmp3lame -b:a 16k -map_metadata -1 tone-22050.mp3
