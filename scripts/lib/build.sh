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

# Makes cargo compile this tree's crates if another tree's are in the target folder.
#
# Cargo names the crates of a workspace by their place in it and judges them by age: what another
# clone compiled later than this one's files were written passes for this one's.
claim_target() {
	local owner=$CARGO_TARGET_DIR/.millrace-tree
	[ "$(cat "$owner" 2>/dev/null)" = "$repo_root" ] && return
	find "$repo_root" \( -name node_modules -o -name target -o -name .git \) -prune \
		-o \( -name '*.rs' -o -name Cargo.toml \) -exec touch {} +
	mkdir -p "$CARGO_TARGET_DIR"
	printf '%s\n' "$repo_root" >"$owner"
}

# Builds every program of the workspace; cargo shows its progress.
build_workspace() {
	claim_target
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
