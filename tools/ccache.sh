#!/bin/sh
# ccache as the presets call it: it takes what uses a precompiled header only if it may trust its
# time stamps (https://ccache.dev/manual/4.7.5.html#_precompiled_headers).
CCACHE_SLOPPINESS=pch_defines,time_macros exec ccache "$@"
