# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# The Rust toolchain with the WASM target of the runtime. Needs messages.sh, environment.sh and
# packages.sh.
#
# Two kinds serve. `rustup`: the channel of rust-toolchain.toml. `system`: the distribution's
# compiler together with its source of the standard library, from which the WASM target is made
# here, because no distribution packages it. What is installed already comes first, and what was
# chosen once stays, because another compiler means compiling everything again.
# MILLRACE_TOOLCHAIN=rustup or =system decides otherwise.

wasm_target=wasm32v1-none
toolchain_stamp=$data_home/toolchain/stamp
pinned_channel=$(toml_value "$repo_root/rust-toolchain.toml" channel)
minimum_rust=$(toml_value "$repo_root/Cargo.toml" rust-version)

# Debian's newest compiler, which it keeps up to date for its web browsers.
debian_toolchain=(rustc-web cargo-web rust-web-src rust-web-llvm rust-web-clippy rustfmt-web)

# Seconds a question to rustup's server, and a download from it, may take.
rustup_question_seconds=20
rustup_download_seconds=${MILLRACE_RUSTUP_SECONDS:-600}

# Whether version $1 is at least version $2.
version_reaches() { [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]; }

# Whether the compiler $1 builds for the WASM target: the only proof that counts.
builds_wasm() {
	[ -d "$("$1" --print sysroot)/lib/rustlib/$wasm_target/lib" ] || return 1
	local probe=$data_home/toolchain/probe
	mkdir -p "$probe"
	printf '#![no_std]\nextern crate alloc;\n' >"$probe/lib.rs"
	"$1" --crate-type=rlib --crate-name=probe --emit=metadata --target "$wasm_target" \
		--out-dir "$probe" "$probe/lib.rs" >"$probe/log" 2>&1
}

# --- rustup -----------------------------------------------------------------------------------

rustup_program() {
	command -v rustup && return
	local program=${CARGO_HOME:-${HOME:-}/.cargo}/bin/rustup
	[ -x "$program" ] && echo "$program"
}

# rustup, unable to ask questions or to hang: rustup_limited SECONDS ARGUMENT...
rustup_limited() {
	local seconds=$1
	shift
	RUSTUP_AUTO_INSTALL=0 timeout --kill-after=5 "$seconds" "$(rustup_program)" "$@" </dev/null
}

# Folder of the pinned channel, if rustup has it with all components and the WASM target.
rustup_toolchain() {
	[ -n "$(rustup_program)" ] || return 1
	local sysroot
	sysroot=$(rustup_limited "$rustup_question_seconds" run "$pinned_channel" rustc --print sysroot 2>/dev/null) ||
		return 1
	[ -x "$sysroot/bin/cargo-clippy" ] && [ -x "$sysroot/bin/rustfmt" ] &&
		builds_wasm "$sysroot/bin/rustc" && echo "$sysroot"
}

# Downloads the pinned channel. A server that cannot be reached is noticed within seconds.
rustup_download() {
	local code=0
	rustup_limited "$rustup_question_seconds" check >/dev/null 2>&1 || code=$?
	# 100 means that newer versions exist, which is an answer too.
	if [ "$code" -ne 0 ] && [ "$code" -ne 100 ]; then return 1; fi
	quietly "$state_home/rustup.log" rustup_limited "$rustup_download_seconds" toolchain install \
		"$pinned_channel" --profile minimal --component clippy --component rustfmt \
		--target "$wasm_target" --no-self-update
}

# --- the system's compiler --------------------------------------------------------------------

# The first rustc in PATH that is no rustup proxy and new enough.
system_compiler() {
	local candidate rustup
	rustup=$(rustup_program || true)
	while read -r candidate; do
		case $candidate in "$toolchain_bin"/*) continue ;; esac
		[ "$(basename "$(readlink -f "$candidate")")" != rustup ] || continue
		if [ -n "$rustup" ] && [ "$candidate" -ef "$rustup" ]; then continue; fi
		is_usable_system_compiler "$candidate" && echo "$candidate" && return
	done < <(type -aP rustc; echo /usr/bin/rustc)
	return 1
}

# Whether the compiler is new enough, complete, and has the WASM target or what it is made from.
is_usable_system_compiler() {
	local folder version sysroot
	[ -x "$1" ] || return 1
	folder=$(dirname "$1")
	version=$("$1" --version 2>/dev/null | sed -n 's/^rustc \([0-9.]*\).*/\1/p')
	[ -n "$version" ] && version_reaches "$version" "$minimum_rust" || return 1
	[ -x "$folder/cargo" ] && [ -x "$folder/cargo-clippy" ] && [ -x "$folder/cargo-fmt" ] || return 1
	sysroot=$("$1" --print sysroot)
	[ -d "$sysroot/lib/rustlib/$wasm_target/lib" ] ||
		{ [ -e "$sysroot/lib/rustlib/src/rust/library/Cargo.lock" ] && command -v rust-lld >/dev/null; }
}

# Whether the distribution has a compiler that is new enough.
debian_has_toolchain() {
	has_apt || return 1
	local version
	version=$(apt_version rustc-web)
	[ -n "$version" ] || { apt_refresh; version=$(apt_version rustc-web); }
	[ -n "$version" ] && version_reaches "${version%%+*}" "$minimum_rust"
}

install_debian_toolchain() {
	local linker
	# The linker of WASM, in the LLVM version that this compiler is built with.
	linker=$(apt-cache depends rust-web-llvm 2>/dev/null | sed -n 's/.* llvm-\([0-9][0-9]*\)$/lld-\1/p' | head -n 1)
	apt_install "${debian_toolchain[@]}" "${linker:-lld}"
}

# Makes the standard library's `core` and `alloc` for WASM and puts them where the compiler looks.
# The bitcode has to be embedded, or the runtime's link-time optimisation fails.
make_wasm_target() {
	local rustc=$1 work=$data_home/toolchain/wasm-target sysroot destination library
	sysroot=$("$rustc" --print sysroot)
	destination=$sysroot/lib/rustlib/$wasm_target/lib
	rm -rf "$work"
	mkdir -p "$work/src" "$work/lib"
	cat >"$work/Cargo.toml" <<-'TOML'
		[package]
		name = "wasm-target"
		version = "0.0.0"
		edition = "2021"
		[lib]
		crate-type = ["cdylib"]
		[workspace]
	TOML
	cat >"$work/src/lib.rs" <<-'RUST'
		#![no_std]
		#[panic_handler]
		fn panic(_: &core::panic::PanicInfo) -> ! {
		    loop {}
		}
	RUST
	(
		cd "$work"
		unset CARGO_ENCODED_RUSTFLAGS CARGO_BUILD_TARGET RUSTC_WRAPPER RUSTC_WORKSPACE_WRAPPER
		PATH=$(dirname "$rustc"):$PATH RUSTC=$rustc RUSTC_BOOTSTRAP=1 CARGO_TARGET_DIR=$work/target \
			RUSTFLAGS="-Cembed-bitcode=yes -Ccodegen-units=1" \
			quietly "$state_home/wasm-target.log" "$(dirname "$rustc")/cargo" build --release \
			-Z build-std=core,alloc --target "$wasm_target"
	) || fail "the WASM target could not be built; $state_home/wasm-target.log tells why." \
		"It needs about 1 GiB of disk, and the network the first time. Repair that and run $0 again."
	for library in core alloc compiler_builtins; do
		cp "$work/target/$wasm_target/release/deps/lib$library"-*.rlib "$work/lib/"
	done
	rm -rf "$work/target"
	if [ -w "$(dirname "$(dirname "$destination")")" ]; then
		rm -rf "$destination" && mkdir -p "$destination" && cp "$work"/lib/* "$destination/"
	elif can_be_root; then
		as_root rm -rf "$destination" && as_root mkdir -p "$destination" && as_root cp "$work"/lib/* "$destination/"
	else
		fail "the WASM target is built, but $sysroot/lib/rustlib belongs to the system." \
			"Run this once as an administrator, then run $0 again:" \
			"  sudo mkdir -p $destination && sudo cp $work/lib/* $destination/"
	fi || fail "the WASM target could not be copied to $destination." "Is the disk full? Free some space and run $0 again."
	rm -rf "$work"
}

# --- choosing ---------------------------------------------------------------------------------

# Sets `kind` and `compiler`.
choose_toolchain() {
	local wanted=${MILLRACE_TOOLCHAIN:-} remembered='' sysroot
	case $wanted in
	'' | rustup | system) ;;
	*) fail "MILLRACE_TOOLCHAIN is '$wanted'." "Set it to rustup or system, or leave it unset." ;;
	esac
	[ ! -e "$toolchain_stamp" ] || remembered=$(head -n 1 "$toolchain_stamp")

	if [ "${wanted:-$remembered}" != system ] && sysroot=$(rustup_toolchain); then
		kind=rustup compiler=$sysroot/bin/rustc
		return
	fi
	if [ "$wanted" != rustup ] && compiler=$(system_compiler); then
		kind=system
		return
	fi
	if [ "$wanted" != system ] && [ -n "$(rustup_program)" ] &&
		step "asking rustup for Rust $pinned_channel with $wasm_target" rustup_download &&
		sysroot=$(rustup_toolchain); then
		kind=rustup compiler=$sysroot/bin/rustc
		return
	fi
	if [ "$wanted" != rustup ] && debian_has_toolchain; then
		say "The distribution has a matching Rust compiler."
		install_debian_toolchain
		hash -r
		if compiler=$(system_compiler); then
			kind=system
			return
		fi
	fi
	if [ "$wanted" != system ] && [ -z "$(rustup_program)" ] && has_apt && apt_knows rustup; then
		apt_install rustup
		hash -r
		if step "asking rustup for Rust $pinned_channel with $wasm_target" rustup_download &&
			sysroot=$(rustup_toolchain); then
			kind=rustup compiler=$sysroot/bin/rustc
			return
		fi
	fi
	fail "no Rust $pinned_channel with the target $wasm_target could be had." \
		"Install rustup (your distribution's package, or from its home page) and run $0 again." \
		"If rustup is there, try what it says to:" \
		"  rustup toolchain install $pinned_channel --profile minimal -c clippy -c rustfmt -t $wasm_target"
}

# What the stamp of the toolchain in `kind` and `compiler` has to be.
stamp_text() {
	printf '%s\n%s\n' "$kind" "$compiler"
	"$compiler" -vV
	echo "links by lld"
}

# Whether everything was set up before and nothing has changed since.
is_toolchain_ready() {
	[ -e "$toolchain_stamp" ] && [ -x "$toolchain_bin/rustc" ] || return 1
	{ read -r kind && read -r compiler; } <"$toolchain_stamp"
	[ -z "${MILLRACE_TOOLCHAIN:-}" ] || [ "$MILLRACE_TOOLCHAIN" = "$kind" ] || return 1
	[ -x "$compiler" ] && [ "$(stamp_text)" = "$(cat "$toolchain_stamp")" ] || return 1
	if [ "$kind" = rustup ]; then
		[ "$("$compiler" --version | cut -d ' ' -f 2)" = "$pinned_channel" ] || return 1
	fi
	builds_wasm "$compiler"
}

# Provides the compiler and its links.
install_toolchain() {
	if is_toolchain_ready; then return; fi
	choose_toolchain
	if ! builds_wasm "$compiler"; then
		step "making the WASM target of $("$compiler" --version) (about a minute)" make_wasm_target "$compiler"
		builds_wasm "$compiler" ||
			fail "the WASM target was made but does not work; $data_home/toolchain/probe/log tells why." \
				"Please report it together with the output of: $compiler -vV"
	fi
	link_toolchain
	stamp_text >"$toolchain_stamp"
	say "Rust: $("$compiler" --version), from ${kind/system/the distribution}."
}

# Links the programs into one folder, which goes first in PATH.
link_toolchain() {
	local program folder
	folder=$(dirname "$compiler")
	rm -rf "$toolchain_bin"
	mkdir -p "$toolchain_bin"
	for program in cargo rustc rustdoc rustfmt cargo-fmt cargo-clippy clippy-driver rust-lld; do
		if [ -x "$folder/$program" ]; then ln -s "$folder/$program" "$toolchain_bin/$program"; fi
	done
	if [ "$kind" = system ] && [ -x "$folder/rust-lld" ]; then link_linker "$folder/rust-lld"; fi
}

# Makes LLVM's linker that of programs too: rustup's compilers use it by themselves, those of distributions
# the system's, which takes several seconds longer for each of some fifty programs and tests.
link_linker() {
	ln -s "$1" "$toolchain_bin/ld.lld"
	cat >"$toolchain_bin/cc-lld" <<'TEXT'
#!/bin/sh
exec cc -fuse-ld=lld "$@"
TEXT
	chmod +x "$toolchain_bin/cc-lld"
	echo 'int main(void) { return 0; }' >"$toolchain_bin/probe.c"
	PATH=$toolchain_bin:$PATH "$toolchain_bin/cc-lld" -o "$toolchain_bin/probe" "$toolchain_bin/probe.c" 2>/dev/null ||
		rm -f "$toolchain_bin/cc-lld"
	rm -f "$toolchain_bin/probe" "$toolchain_bin/probe.c"
}

# Whether clang compiles C++ against the library that is there.
has_working_clangxx() {
	command -v clang++ >/dev/null && echo '#include <string>' | clang++ -x c++ -fsyntax-only - 2>/dev/null
}

# WASM dependencies that were compiled against another build of `core` fail with E0463, and cargo
# does not see why: start them afresh.
forget_stale_wasm() {
	local record=$CARGO_TARGET_DIR/.millrace-wasm-target now
	now=$(sha256sum "$("$compiler" --print sysroot)/lib/rustlib/$wasm_target/lib"/*.rlib | cut -d ' ' -f 1 | sort)
	if [ -e "$record" ] && [ "$(cat "$record")" != "$now" ]; then
		say "The WASM target has changed: the runtime's dependencies will be compiled again."
		rm -rf "$CARGO_TARGET_DIR"/*/wbuild
	fi
	printf '%s\n' "$now" >"$record"
}

# What a shell needs: `eval` these lines.
print_exports() {
	local path=$toolchain_bin:$PATH cargo_bin=${CARGO_HOME:-${HOME:-}/.cargo}/bin host
	case ":$PATH:" in *":$toolchain_bin:"*) path=$PATH ;; esac
	# Cargo looks for its subcommands in this folder first, unless it stands in PATH: behind ours.
	case ":$path:" in *":$cargo_bin:"*) ;; *) path=$path:$cargo_bin ;; esac
	printf 'export PATH=%q\n' "$path"
	printf 'export CARGO_TARGET_DIR=%q\n' "$CARGO_TARGET_DIR"
	# The WASM optimiser, the largest part of a build that is not Rust, takes clang a third less time than GCC.
	if [ -z "${CXX:-}" ] && has_working_clangxx; then echo 'export CXX=clang++'; fi
	if [ -x "$toolchain_bin/cc-lld" ]; then
		host=$("$compiler" -vV | sed -n 's/^host: //p' | tr 'a-z-' 'A-Z_')
		printf 'export CARGO_TARGET_%s_LINKER=%q\n' "$host" "$toolchain_bin/cc-lld"
	fi
}
