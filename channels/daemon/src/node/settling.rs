// SPDX-License-Identifier: Apache-2.0

//! What the chain pays at the end of a channel: noted as its final blocks tell it, and remembered for
//! as long as the end is.

use super::{Node, effects::Decided};
use crate::{
    error::CommandError,
    input::Payout,
    live::{Live, Waiting, Wanted},
    output::Reply,
    records::snapshot,
    settled::Settled,
    write::Write,
};
use millrace_channels_protocol::Change;
use millrace_primitives_channels::ChannelId;

impl Node {
    /// A final block has paid something out of a channel.
    pub(crate) fn paid_out(&mut self, id: ChannelId, payout: Payout) {
        let known = self.with_channel(id, |node, live| node.after(live, payout));
        let Ok(Some(settled)) = known else { return };
        self.settled.insert(id, settled.clone());
        if self.failing.is_none() {
            self.journal.write(vec![Write::PutSettled { channel: id, settled: Box::new(settled) }]);
        }
    }

    /// What is known to be paid after one more payout; nothing if the beginning was missed.
    fn after(&self, live: &Live, payout: Payout) -> Option<Settled> {
        let deposit = live.channel.agreement().total();
        let known = || self.settled.get(&live.id).cloned();
        match payout {
            Payout::Balances { version, amounts } => {
                Some(Settled::begin(version, amounts, deposit))
            }
            Payout::Transfer { id, is_claimed, amount } => {
                let mut settled = known()?;
                // What is not here belongs to a state that is not here: the sum will not be whole.
                if let Some(it) = live.channel.transfers().iter().find(|it| it.id == id) {
                    settled.decide(if is_claimed { it.payee } else { it.payer }, amount);
                }
                Some(settled)
            }
            Payout::Stream { place, amount } => {
                let mut settled = known()?;
                if let Some(stream) = live.channel.streams().get(usize::from(place)) {
                    settled.decide(stream.payee, amount);
                }
                Some(settled)
            }
            Payout::Rest { amounts } => {
                let mut settled = known()?;
                settled.end(&amounts, deposit);
                Some(settled)
            }
        }
    }

    /// What a channel that is over has paid, if all of it was seen.
    pub(crate) fn settlement(&self, id: ChannelId) -> Option<&Settled> {
        self.settled.get(&id).filter(|settled| settled.is_whole)
    }

    /// What became of everything that waited until a channel was over.
    ///
    /// Nothing is made without this party's signature, and that is under one version at most above the
    /// newest that is agreed here. So the version that the chain has carried out decides; if that was not
    /// seen, nobody here knows.
    pub(crate) fn at_the_end(&self, live: &mut Live) -> Vec<Decided> {
        let newest = live.channel.newest().version();
        let last = self.settled.get(&live.id).map(|settled| settled.version);
        let known = snapshot(&live.channel);
        let has_resize = known.resize.is_some();
        let signed = known.signed.as_ref().map(|it| it.state.version);
        let mut changes: Vec<Change> = known.signed.into_iter().flat_map(|it| it.changes).collect();
        let decide = |waiting: Waiting| {
            if waiting.wanted == Wanted::Close {
                return (waiting, Ok(Reply::Closed));
            }
            let is_signed = match &waiting.wanted {
                Wanted::Close => false,
                Wanted::Resize => has_resize,
                Wanted::Change(wanted) => match changes.iter().position(|it| it == wanted) {
                    // One change is what one command wanted.
                    Some(place) => {
                        changes.remove(place);
                        true
                    }
                    None => false,
                },
            };
            let result = match last {
                _ if !is_signed => Err(CommandError::NotPossible),
                Some(last) if last <= newest => Err(CommandError::NotPossible),
                Some(last) if waiting.is_payment() && signed == Some(last) => {
                    Ok(Reply::Paid { version: last })
                }
                _ => Err(CommandError::Uncertain),
            };
            (waiting, result)
        };
        core::mem::take(&mut live.waiting).into_iter().map(decide).collect()
    }
}
