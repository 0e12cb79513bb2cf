// SPDX-License-Identifier: Apache-2.0

//! What the chain pays at the end of a channel: noted as its final blocks tell it, and remembered for
//! as long as the end is.

use super::Node;
use crate::{
    error::CommandError,
    input::Payout,
    live::{Carried, Live, Waiting, Wanted},
    operation::Progress,
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

    /// What became of everything that waited until a channel was over, or was said to be. What a state
    /// or a request carries is remembered, in case the channel lives.
    ///
    /// Nothing is made without this party's signature, and that is under one version at most above the
    /// newest that is agreed here. So the version that the chain has carried out decides. If a final
    /// block has not shown that, the chain's node may be wrong: what is carried goes on if it is, and
    /// nobody may be told before that it has failed.
    pub(super) fn at_the_end(&self, live: &mut Live) -> Vec<(Waiting, Verdict)> {
        let end = self.end_of(live);
        let mut carriers = Carriers::of(live);
        let mut judged = Vec::with_capacity(live.waiting.len());
        for waiting in core::mem::take(&mut live.waiting) {
            let is_signed = carriers.take(&waiting.wanted);
            let verdict = match (&waiting.wanted, is_signed) {
                (Wanted::Close, _) => Verdict::Closed,
                (_, None) => Verdict::Void,
                (_, Some(is_signed)) => end.judge(&waiting, is_signed).unwrap_or(Verdict::Open),
            };
            if let Some(is_signed) = is_signed {
                let waiting = Waiting { command: None, ..waiting.clone() };
                live.carried.push(Carried { waiting, is_signed });
            }
            judged.push((waiting, verdict));
        }
        if carriers.resize.is_none() {
            // It was told that it is void: nobody consents to it any more.
            live.resize = None;
        }
        judged
    }

    /// The channel lives although it was said to be over: what is carried goes on.
    pub(crate) fn take_up(&mut self, live: &mut Live) {
        let mut writes = Vec::new();
        for Carried { waiting, .. } in core::mem::take(&mut live.carried) {
            if let Some(name) = waiting.operation {
                writes.extend(self.decide_operation(name, Progress::UnderWay));
            }
            live.waiting.push_back(waiting);
        }
        if !writes.is_empty() && self.failing.is_none() {
            live.ticket = self.journal.write(writes);
        }
    }

    /// Enough final blocks have proven that the channel is gone: says what became of what it carried.
    /// From here on, nothing that was only asked for can be signed any more.
    pub(crate) fn end_carried(&mut self, live: &mut Live) -> Vec<Write> {
        let end = self.end_of(live);
        let mut writes = Vec::new();
        for Carried { waiting, is_signed } in core::mem::take(&mut live.carried) {
            let Some(name) = waiting.operation else { continue };
            let unseen = if is_signed { Verdict::Unknown } else { Verdict::Void };
            let progress = end.judge(&waiting, is_signed).unwrap_or(unseen).progress();
            if self.operations.get(&name).is_some_and(|it| it.progress != progress) {
                writes.extend(self.decide_operation(name, progress));
            }
        }
        writes
    }

    fn end_of(&self, live: &Live) -> End {
        End {
            newest: live.channel.newest().version(),
            signed: live.channel.version_in_flight(),
            last: self.settled.get(&live.id).map(|settled| settled.version),
        }
    }

    /// The chain has the channel, and nothing of it is paid out: what was told of that was wrong.
    pub(crate) fn unsettle(&mut self, channel: ChannelId) {
        if self.settled.remove(&channel).is_some() && self.failing.is_none() {
            self.journal.write(vec![Write::RemoveSettled { channel }]);
        }
    }
}

/// What became of something that waited for its channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The channel is over, which was wanted.
    Closed,
    /// The chain has carried it out, by this version.
    Made(u64),
    /// It was not carried out and cannot be any more.
    Void,
    /// It is not proven how the channel ended, nor that it has.
    Open,
    /// The channel has ended, and nobody here saw how.
    Unknown,
}

impl Verdict {
    /// How whoever waits is answered.
    pub(super) fn answer(self) -> Result<Reply, CommandError> {
        match self {
            Self::Closed => Ok(Reply::Closed),
            Self::Made(version) => Ok(Reply::Paid { version }),
            Self::Void => Err(CommandError::NotPossible),
            Self::Open | Self::Unknown => Err(CommandError::Uncertain),
        }
    }

    /// What is written down under its name.
    pub(super) fn progress(self) -> Progress {
        match self {
            Self::Made(version) => Progress::Done { version },
            // Closings have no names.
            Self::Closed | Self::Void => Progress::Failed,
            Self::Open => Progress::Suspended,
            Self::Unknown => Progress::Uncertain,
        }
    }
}

/// What is known of the end of a channel.
struct End {
    /// The newest version that is agreed here, and the one above it that this party has signed.
    newest: u64,
    signed: Option<u64>,
    /// The version that the chain has carried out, if a final block has shown that.
    last: Option<u64>,
}

impl End {
    /// What became of what a state or a request carries; nothing if the end was not seen.
    fn judge(&self, waiting: &Waiting, is_signed: bool) -> Option<Verdict> {
        let last = self.last?;
        let is_newest = self.signed == Some(last);
        Some(match is_signed {
            _ if last <= self.newest => Verdict::Void,
            true if is_newest && waiting.is_payment() => Verdict::Made(last),
            // That state went by without it.
            false if is_newest => Verdict::Void,
            _ => Verdict::Unknown,
        })
    }
}

/// What the state in flight and the request under way carry.
struct Carriers {
    signed: Vec<Change>,
    asked: Vec<Change>,
    /// Whether a resize is signed, or only asked for.
    resize: Option<bool>,
}

impl Carriers {
    fn of(live: &Live) -> Self {
        let known = snapshot(&live.channel);
        let asks_for_resize = known.asked.as_ref().is_some_and(|it| it.resize.is_some());
        let resize = match known.resize {
            Some(_) => Some(true),
            None => asks_for_resize.then_some(false),
        };
        let signed: Vec<Change> = known.signed.into_iter().flat_map(|it| it.changes).collect();
        let mut asked: Vec<Change> = known.asked.into_iter().flat_map(|it| it.changes).collect();
        // What was asked for and is in the signed state is one and the same.
        for change in &signed {
            if let Some(place) = asked.iter().position(|it| it == change) {
                asked.remove(place);
            }
        }
        Self { signed, asked, resize }
    }

    /// Whether what was wanted is signed, or only asked for; nothing if neither. One change is what one
    /// command wanted.
    fn take(&mut self, wanted: &Wanted) -> Option<bool> {
        match wanted {
            Wanted::Close => None,
            Wanted::Resize => self.resize,
            Wanted::Change(_) => {
                let is_it = |change: &Change| wanted.is(change);
                if let Some(place) = self.signed.iter().position(is_it) {
                    self.signed.remove(place);
                    return Some(true);
                }
                let place = self.asked.iter().position(is_it)?;
                self.asked.remove(place);
                Some(false)
            }
        }
    }
}
