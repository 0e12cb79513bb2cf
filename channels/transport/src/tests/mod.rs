// SPDX-License-Identifier: Apache-2.0

//! Tests over real sockets of the loopback interface, and of each part by itself.
//!
//! | chapter | what it shows |
//! |---|---|
//! | `cast` | nodes, a wire that can be cut, and a stranger who keeps no rule |
//! | `binding`, `keys`, `frames`, `booking`, `queues` | each part by itself |
//! | `talking` | order, sizes, both directions |
//! | `pressing` | readers that stall and peers that flood |
//! | `hostile` | garbage, lies and intrusions |
//! | `meeting` | dials that cross, cuts, wrong peers, limits, bans |
//! | `parting` | leaving without losing a frame |

mod binding;
mod booking;
mod cast;
mod frames;
mod hostile;
mod keys;
mod meeting;
mod parting;
mod pressing;
mod queues;
mod talking;
