# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# What the scripts say. Everything goes to standard error, so that standard output stays free for
# results another program reads.

if [ -t 2 ] && [ -z "${NO_COLOR:-}" ]; then
	bold=$'\e[1m' red=$'\e[31m' yellow=$'\e[33m' green=$'\e[32m' plain=$'\e[0m'
else
	bold='' red='' yellow='' green='' plain=''
fi

# One line of news.
say() { printf '%s\n' "$*" >&2; }

# The title of a stage.
title() { printf '\n%s== %s%s\n' "$bold" "$*" "$plain" >&2; }

# Something worth knowing that stops nobody.
warn() { printf '%snote:%s %s\n' "$yellow" "$plain" "$*" >&2; }

# Ends the script. First argument: what happened. The others: what to do about it, one line each.
fail() {
	printf '%serror:%s %s\n' "$red" "$plain" "$1" >&2
	shift
	local line
	for line in "$@"; do printf '       %s\n' "$line" >&2; done
	exit 1
}

# Seconds as a person reads them: 47s, 3m 05s, 1h 02m.
duration() {
	local seconds=$1
	if [ "$seconds" -lt 60 ]; then
		printf '%ds' "$seconds"
	elif [ "$seconds" -lt 3600 ]; then
		printf '%dm %02ds' $((seconds / 60)) $((seconds % 60))
	else
		printf '%dh %02dm' $((seconds / 3600)) $((seconds % 3600 / 60))
	fi
}

# step TEXT COMMAND...: says what starts, runs it, says how long it took. Its output is shown.
step() {
	local text=$1 start=$SECONDS code=0
	shift
	say "${bold}-->${plain} $text"
	"$@" || code=$?
	if [ "$code" -eq 0 ]; then
		say "${green}<--${plain} $text: done in $(duration $((SECONDS - start)))"
	else
		say "${red}<--${plain} $text: failed after $(duration $((SECONDS - start))) (exit code $code)"
	fi
	return "$code"
}

# quietly LOG COMMAND...: output goes to LOG; its end is shown when the command fails.
quietly() {
	local log=$1 code=0
	shift
	mkdir -p "$(dirname "$log")"
	"$@" >"$log" 2>&1 </dev/null || code=$?
	if [ "$code" -ne 0 ]; then
		say "    the last lines of $log:"
		tail -n 15 "$log" | sed 's/^/    | /' >&2
	fi
	return "$code"
}
