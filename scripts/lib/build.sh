# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# Building the workspace. Needs messages.sh and environment.sh.

# Installs what is missing and takes over the settings for cargo.
set_up() {
	local exports
	exports=$("$repo_root/scripts/setup" --env) || exit 1
	eval "$exports"
	cd "$repo_root" || exit 1
}

# Builds every program of the workspace; cargo shows its progress.
build_workspace() {
	if is_build_warm; then
		step "building" cargo build --workspace --locked || build_failed
	else
		say "The first build compiles about a thousand crates: some 40 minutes on two cores, once."
		step "building for the first time" cargo build --workspace --locked || build_failed
	fi
	touch "$build_marker"
}

build_failed() {
	fail "the build failed; the first error above says why." \
		"'No space left on device': free some space or point CARGO_TARGET_DIR to a larger disk." \
		"'failed to download' or 'Could not resolve host': the first build needs the network." \
		"Signal 9 (killed): not enough memory; try again with CARGO_BUILD_JOBS=1."
}
