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
