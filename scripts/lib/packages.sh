# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# System packages: what is needed, what is missing, how to get it. Needs messages.sh and
# environment.sh.

# Node.js runs the test of the JavaScript client; its test runner needs this version.
minimum_node=18

# Whether a libclang is where bindgen finds it.
has_libclang() {
	local folder
	for folder in "${LIBCLANG_PATH:-}" "$(llvm-config --libdir 2>/dev/null)" \
		/usr/lib/llvm-*/lib /usr/lib/*-linux-gnu /usr/lib64 /usr/lib /usr/local/lib; do
		[ -n "$folder" ] || continue
		compgen -G "$folder/libclang.so*" >/dev/null && return
		compgen -G "$folder/libclang-*.so*" >/dev/null && return
	done
	return 1
}

# Whether Node.js is there and new enough.
has_node() {
	local major
	major=$(node --version 2>/dev/null | sed 's/^v\([0-9]*\).*/\1/')
	[ "${major:-0}" -ge "$minimum_node" ] 2>/dev/null
}

# Names of the Debian packages that are missing, one a line. Looks for what they provide, so that
# tools from elsewhere count.
missing_packages() {
	command -v clang >/dev/null || echo clang
	has_libclang || echo libclang-dev
	command -v protoc >/dev/null || echo protobuf-compiler
	command -v cmake >/dev/null || echo cmake
	command -v make >/dev/null || echo make
	command -v g++ >/dev/null || command -v c++ >/dev/null || echo g++
	command -v pkg-config >/dev/null || echo pkg-config
	# `.cargo/config.toml` links the system's OpenSSL.
	pkg-config --exists openssl 2>/dev/null || echo libssl-dev
	command -v git >/dev/null || echo git
	command -v curl >/dev/null || echo curl
	[ -e /etc/ssl/certs/ca-certificates.crt ] || [ -d /etc/pki/tls/certs ] || [ -e /etc/ssl/cert.pem ] ||
		echo ca-certificates
	has_node || echo nodejs
	command -v npm >/dev/null || echo npm
}

# Runs a command with the rights of root; fails when that would need a password.
as_root() {
	if [ "$(id -u)" -eq 0 ]; then
		"$@"
	else
		sudo -n "$@"
	fi
}

# Whether as_root works without asking.
can_be_root() { [ "$(id -u)" -eq 0 ] || sudo -n true 2>/dev/null; }

# Whether this is Debian, Ubuntu or a relative.
has_apt() { command -v apt-get >/dev/null && command -v apt-cache >/dev/null; }

# Whether the package lists know an installable version.
apt_knows() {
	[ -n "$(apt_version "$1")" ]
}

# The version that would be installed: apt_version PACKAGE.
apt_version() {
	apt-cache policy "$1" 2>/dev/null | sed -n 's/^ *Candidate: *//p' | grep -v '^(none)$' || true
}

# Refreshes the package lists, once per run. A source that does not answer is no reason to stop:
# the installation that follows tells whether it mattered.
apt_refresh() {
	[ -z "${apt_is_fresh:-}" ] || return 0
	apt_is_fresh=yes
	quietly "$state_home/apt-update.log" as_root env DEBIAN_FRONTEND=noninteractive \
		apt-get update -q -o Acquire::Retries=2 -o Acquire::http::Timeout=20 ||
		warn "some package lists could not be refreshed; going on with those that are there."
}

# apt_install PACKAGE...
apt_install() {
	local log=$state_home/apt-install.log
	if ! can_be_root; then
		fail "system packages are missing, and installing them needs the rights of root: $*" \
			"Run this once as an administrator, then run $0 again:" \
			"  sudo apt-get update && sudo apt-get install -y --no-install-recommends $*"
	fi
	step "refreshing the package lists" apt_refresh
	if ! step "installing $*" quietly "$log" as_root env DEBIAN_FRONTEND=noninteractive \
		apt-get install -y -q --no-install-recommends -o Dpkg::Use-Pty=0 "$@"; then
		fail "the packages could not be installed; $log tells why." \
			"Repair what it names (often: no network, or a full disk), then try:" \
			"  sudo apt-get update && sudo apt-get install -y --no-install-recommends $*"
	fi
}

# Provides everything but the Rust toolchain.
install_packages() {
	local missing
	mapfile -t missing < <(missing_packages)
	if [ "${#missing[@]}" -eq 0 ]; then return; fi
	if ! has_apt; then
		fail "these tools are missing, and this is not a Debian or Ubuntu system: ${missing[*]}" \
			"(the names are Debian's). Install them with your system's package manager, then run $0 again:" \
			"  Fedora: sudo dnf install clang clang-devel protobuf-compiler cmake make gcc-c++ pkgconf openssl-devel git curl nodejs npm" \
			"  Arch:   sudo pacman -S clang protobuf cmake make gcc pkgconf openssl git curl nodejs npm"
	fi
	apt_install "${missing[@]}"
	mapfile -t missing < <(missing_packages)
	if [ "${#missing[@]}" -gt 0 ]; then
		fail "still missing after the installation: ${missing[*]}" \
			"Your distribution's packages may be too old (Node.js must be $minimum_node or newer); install these yourself."
	fi
}
