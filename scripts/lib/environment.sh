# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# Where things live. Needs messages.sh.

repo_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

# Folders of the user's own, by the XDG rules. Nothing is ever written into the clone.
if [ -z "${HOME:-}" ] && [ -z "${XDG_DATA_HOME:-}${XDG_CACHE_HOME:-}${XDG_STATE_HOME:-}" ]; then
	fail "HOME is not set, so there is no place for the build cache." \
		"Set HOME to a folder you may write to, then run this again."
fi
data_home=${XDG_DATA_HOME:-${HOME:-}/.local/share}/millrace
cache_home=${XDG_CACHE_HOME:-${HOME:-}/.cache}/millrace
state_home=${XDG_STATE_HOME:-${HOME:-}/.local/state}/millrace

# Links to the compiler's programs; first in PATH, so that no proxy or older compiler gets in the way.
toolchain_bin=$data_home/toolchain/bin

export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$cache_home/target}

# Written into the target folder after the first complete build.
build_marker=$CARGO_TARGET_DIR/.millrace-built

# Free space a build needs, in GiB.
cold_build_gib=20
warm_build_gib=3

# The value of `KEY = "VALUE"` in a TOML file: toml_value FILE KEY.
toml_value() { sed -n "s/^$2 *= *\"\\([^\"]*\\)\".*/\\1/p" "$1" | head -n 1; }

# Makes a folder, or says why not.
make_folder() {
	mkdir -p "$1" 2>/dev/null && [ -w "$1" ] && return
	fail "cannot write to $1." \
		"Make it writable for $(id -un), or point XDG_DATA_HOME, XDG_CACHE_HOME and XDG_STATE_HOME" \
		"(for the build cache alone: CARGO_TARGET_DIR) to folders that are."
}

# Whether every dependency is compiled already.
is_build_warm() { [ -e "$build_marker" ]; }

# Fails when the disk of the target folder is too full for the build that is due.
check_disk_space() {
	local needed=$cold_build_gib kind="first" free_kib
	if is_build_warm; then needed=$warm_build_gib kind="next"; fi
	free_kib=$(df -Pk "$CARGO_TARGET_DIR" | awk 'NR == 2 { print $4 }')
	[ -n "$free_kib" ] || return 0
	if [ "$free_kib" -lt $((needed * 1024 * 1024)) ]; then
		fail "only $((free_kib / 1024 / 1024)) GiB free for $CARGO_TARGET_DIR; the $kind build needs about $needed." \
			"Free some space (cargo clean empties the build cache), or point CARGO_TARGET_DIR to a larger disk:" \
			"  CARGO_TARGET_DIR=/path/on/a/larger/disk $0"
	fi
}
