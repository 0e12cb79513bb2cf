# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# Packages of the JavaScript client, kept outside the clone for each state of its lock file. Needs
# messages.sh and environment.sh.

javascript_client=$repo_root/clients/polkadot-js

# Provides `node_modules`; without the network if this lock file was installed before.
install_javascript() {
	local key folder work
	key=$(sha256sum "$javascript_client/package-lock.json" | cut -c 1-16)
	folder=$cache_home/polkadot-js/$key
	if [ ! -d "$folder/node_modules" ]; then
		work=$folder.new
		rm -rf "$work"
		mkdir -p "$work"
		cp "$javascript_client/package.json" "$javascript_client/package-lock.json" "$work/"
		step "installing the JavaScript client" quietly "$state_home/npm.log" \
			npm ci --prefix "$work" --prefer-offline --no-audit --no-fund || {
			warn "npm could not install the JavaScript client; $state_home/npm.log tells why. It needs the network once."
			return 1
		}
		rm -rf "$folder"
		mv "$work" "$folder"
	fi
	if [ ! -e "$javascript_client/node_modules" ] || [ -L "$javascript_client/node_modules" ]; then
		ln -sfn "$folder/node_modules" "$javascript_client/node_modules"
	fi
}
