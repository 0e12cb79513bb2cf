# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# Packages that JavaScript and TypeScript here need, kept outside the clone for each state of a lock
# file. Needs messages.sh and environment.sh.

javascript_client=$repo_root/clients/polkadot-js

# install_javascript [FOLDER]: provides `node_modules` of a folder with a package-lock.json, the client's
# without one; without the network if this lock file was installed before.
install_javascript() {
	local home=${1:-$javascript_client} key folder name work
	name=$(basename "$home")
	key=$(sha256sum "$home/package-lock.json" | cut -c 1-16)
	folder=$cache_home/$name/$key
	if [ ! -d "$folder/node_modules" ]; then
		work=$folder.new
		rm -rf "$work"
		mkdir -p "$work"
		cp "$home/package.json" "$home/package-lock.json" "$work/"
		step "installing the packages of ${home#"$repo_root"/}" quietly "$state_home/npm.log" \
			npm ci --prefix "$work" --prefer-offline --no-audit --no-fund || {
			warn "npm could not install them; $state_home/npm.log tells why. It needs the network once."
			return 1
		}
		rm -rf "$folder"
		mv "$work" "$folder"
	fi
	if [ ! -e "$home/node_modules" ] || [ -L "$home/node_modules" ]; then
		ln -sfn "$folder/node_modules" "$home/node_modules"
	fi
}

# What some clients need is newer than what distributions have.
newer_node=20.20.2

# provide_newer_node: puts Node.js 20.14 or later first in PATH; what is there already counts, else npm's
# package `node` brings it, once.
provide_newer_node() {
	local folder=$cache_home/node/$newer_node work
	if node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 14) ? 0 : 1)'; then
		return
	fi
	if [ ! -d "$folder" ]; then
		work=$folder.new
		rm -rf "$work"
		mkdir -p "$work"
		step "installing Node.js $newer_node" quietly "$state_home/npm.log" \
			npm install --prefix "$work" --no-audit --no-fund "node@$newer_node" || {
			warn "npm could not install it; $state_home/npm.log tells why. It needs the network once."
			return 1
		}
		mv "$work" "$folder"
	fi
	export PATH=$folder/node_modules/node/bin:$PATH
}
