#!/bin/sh
# Fuzzes every target for so many seconds, three at a time: run.sh BINARY SECONDS [TARGET]
# Says a line of each. An input that does harm is kept, and printed with the command that runs it again.
set -eu
binary=$1
seconds=$2
here=$(dirname "$0")

if [ $# = 2 ]; then
    ls "$here/corpus" | xargs -P 3 -n 1 "$0" "$binary" "$seconds"
    exit
fi

target=$3
harm=$(dirname "$binary")/harm
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/found" "$harm"
rm -f "$harm/$target-"*
words=$here/dictionaries/${target%%-*}

# Swift marks pointers in a way that the search for leaks does not know; the limit of memory finds them too.
export ASAN_OPTIONS=detect_leaks=0:quarantine_size_mb=16 SWIFT_BACKTRACE=enable=no OUTPOST_FUZZ="$target"
if "$binary" -max_total_time="$seconds" -detect_leaks=0 -rss_limit_mb=512 -timeout=5 -max_len=4096 \
    -artifact_prefix="$harm/$target-" $([ ! -e "$words" ] || echo "-dict=$words") \
    "$work/found" "$here/corpus/$target" \
    </dev/null >"$work/log" 2>&1
then
    # The last such line: #123456	DONE   cov: 529 ft: 530 ...
    awk -v target="$target" '/cov:/ { runs = substr($1, 2); edges = $4 }
        END { printf "%-16s %10d executions %6d edges\n", target, runs, edges }' "$work/log"
else
    tail -n 60 "$work/log"
    for input in "$harm/$target-"*; do
        [ -e "$input" ] || continue
        echo "$target: to run it again: OUTPOST_FUZZ=$target SWIFT_BACKTRACE=enable=no $binary $input, which is in base64:"
        base64 "$input"
    done
    exit 1
fi
