"""Where sound goes: a device through simpleaudio or miniaudio, or nowhere at the speed of a clock."""
