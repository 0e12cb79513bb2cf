// SPDX-License-Identifier: Apache-2.0

//! The states that somebody shows.

use super::{acts::Shape, judge::Judge};
use crate::mock::*;
use millrace_primitives_channels::{
    Balance, ChannelId, ChannelState, Transfer, state::Signatures, transfer as trees,
};

/// Divides `total` in proportion to `split`; the first gets what is left over.
fn divide(total: Balance, split: &[u8]) -> Vec<Balance> {
    let parts: Balance = split.iter().map(|it| Balance::from(*it)).sum();
    let mut shares: Vec<Balance> =
        split.iter().map(|it| total * Balance::from(*it) / parts.max(1)).collect();
    shares[0] += total - shares.iter().sum::<Balance>();
    shares
}

/// Takes what `shape` has beside balances out of `total`, and divides the rest.
pub fn build(
    judge: &mut Judge,
    id: ChannelId,
    size: usize,
    total: Balance,
    shape: &Shape,
) -> ChannelState {
    let mut rest = total;
    let mut made = state(id, shape.version, &vec![0; size]);
    made.is_final = shape.is_final;
    if shape.extras & 1 != 0 && total >= 100 {
        let leaf = |nth: u8, amount: Balance, wait: u32| Transfer {
            payer: nth % size as u8,
            payee: (nth + 1) % size as u8,
            ..transfer((shape.version as u8 + nth) % 4, amount, now() + wait)
        };
        let leaves = vec![leaf(0, total / 20, 5), leaf(1, total / 30, 12), leaf(2, total / 40, 20)];
        rest -= leaves.iter().map(|it| it.amount).sum::<Balance>();
        made = with_transfers(made, &leaves);
        judge.known.insert(trees::root(&leaves), leaves);
    }
    if shape.extras & 2 != 0 && total >= 100 {
        let pulses = Pulses::new(id, shape.version as u32, total / 100, 3, 4);
        rest -= total / 100 * 12;
        made = with_streams(made, &[pulses.stream]);
    }
    if shape.extras & 4 != 0 {
        made = with_app(made, Tally::data((shape.version % 2) as u8, 2));
    }
    made.balances = amounts(&divide(rest, &shape.split[..size]));
    if !shape.is_sound {
        made.balances[0] += 1;
    }
    made
}

/// Everybody's signatures, or the first one's in place of all.
pub fn signatures(parties: &[Party], shown: &ChannelState, shape: &Shape) -> Signatures {
    let mut all = co_sign(parties, shown);
    if !shape.is_signed {
        let first = all[0].clone();
        all.iter_mut().for_each(|it| *it = first.clone());
    }
    all
}

/// Parties, size and deposit of a channel, or of none.
pub fn about(judge: &Judge, id: ChannelId) -> (Vec<Party>, usize, Balance) {
    let size = judge.cases.get(&id).map_or(2, |it| it.order.len());
    (parties(size as u8), size, judge.cases.get(&id).map_or(0, |it| it.total))
}
