// SPDX-License-Identifier: Apache-2.0

//! Seeded worlds of many parties and faults, to prove what the off-chain engine promises.
//!
//! A world has parties, each with the real machine of `millrace-channels-protocol` in each of its
//! channels and real signatures; a network; a small chain that judges by the pallet's rules; and one
//! queue of everything that is going to happen, in simulated time. Everything random follows from the
//! seed. So a world that breaks a rule breaks it again, and [`Report::complaint`] says by which command.
//!
//! ```
//! use millrace_channels_simulator::{Settings, run};
//!
//! let report = run(&Settings { steps: 20, ..Settings::small(7) }, 0);
//! assert_eq!(report.complaint(), None);
//! assert!(report.counts.get("versions agreed") > 0);
//! ```
//!
//! # The life of a world
//!
//! While it is *busy*, users pay over one to four channels, open streams and release links, resize and
//! close, and faults happen. Then all is *calm*: no faults, but villains stay villains. Once everything
//! has come to rest, everybody closes, and the world ends when the chain has paid out every channel.
//!
//! # What is checked
//!
//! - **SI-1** Not a unit is made or lost on chain: after every block, what each channel holds is what
//!   its phase distributes, and all money together is what was issued.
//! - **SI-2** Every machine keeps its own rules (CP-1 to CP-11) after every event, and starts again from
//!   whatever its disk holds.
//! - **SI-3** No honest party is worse off than what it can enforce. A second book, beside the machines,
//!   applies every change of every state that counts: honest parties pay what their users asked for,
//!   once, and nothing else. The chain carries out no state older than what an honest party held when
//!   it heard of the dispute, and pays at the end what that state, revealed preimages and links are
//!   worth. No honest party loses a bond.
//! - **SI-4** A payment over several hops is made as a whole: whoever paid on one side was paid on the
//!   other, and whoever has shown a preimage was paid. Nobody pays without the preimage.
//! - **SI-5** Among honest parties nobody closes alone, unless connections were away for longer than
//!   their patience.
//! - **SI-6** Of one version, others keep one signature of a party at the most: villains whatever
//!   arrives, honest parties what their machines take, the chain what it is shown. And no state counts
//!   that no honest party had written down before.
//! - **SI-7** After faults stop, whatever honest parties have under way comes to rest, and every channel
//!   is paid out.
//! - **SI-8** What honest parties tell each other and the chain is refused only for being too early or
//!   too late.
//!
//! # What is excused
//!
//! A party that comes back from an old backup may have forgotten payments in which it stood in the
//! middle (SI-4), and what it held in channels with villains (SI-3): nobody but a villain knows, and it
//! does not say. Everything else holds for such parties, too.
//!
//! | chapter | what it holds |
//! |---|---|
//! | [`settings`] | what a world is made from, faults, and mistakes that are made on purpose |
//! | `random`, `queue` | numbers and time |
//! | `layout`, `world`, `room`, `payments` | who is there, channels, plans of payments |
//! | `chain` | the judge, blocks, reorganisations |
//! | `carrying`, `owner`, `processes` | an owner carries out effects, follows the chain, crashes |
//! | `network` | connections and messages |
//! | `acting`, `forwarding`, `villains` | what users, forwarders and villains do |
//! | `book`, `reaching`, `ending`, `verifying` | what counts, what reached anybody, who was paid what |
//! | [`failing`], [`counts`], [`shrinking`] | broken rules, reports, smaller worlds that break them |

mod acting;
mod book;
mod carrying;
mod chain;
pub mod counts;
mod ending;
pub mod failing;
mod forwarding;
mod layout;
mod network;
mod owner;
mod payments;
mod processes;
mod queue;
mod random;
mod reaching;
mod room;
pub mod settings;
pub mod shrinking;
mod verifying;
mod villains;
mod world;

#[cfg(test)]
mod tests;

pub use counts::{Counts, Report};
pub use failing::Broken;
pub use settings::{Fault, Faults, Mutant, Settings};
pub use shrinking::shrink;
pub use world::{run, run_watched};
