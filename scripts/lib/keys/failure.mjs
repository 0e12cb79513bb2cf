// SPDX-License-Identifier: Apache-2.0

// Errors that a person can do something about.

/** What happened, and what to do about it, one line each. */
export class Failure extends Error {
  constructor(message, ...remedies) {
    super(message);
    this.remedies = remedies;
  }
}

/** One line of news. Standard output stays free for results that another program reads. */
export function say(text) {
  process.stderr.write(`${text}\n`);
}
