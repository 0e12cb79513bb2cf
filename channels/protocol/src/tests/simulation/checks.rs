// SPDX-License-Identifier: Apache-2.0

//! What has to hold in every world, at every moment and at the end.

use super::*;

impl Simulation {
    /// Nobody closes alone unless a payer withholds what the chain says it owes.
    pub(super) fn verify_need(&self, party: usize, state: &CoSignedState) {
        assert_eq!(state, self.world.parties[party].newest());
        let withheld = self.world.parties[party].transfers().iter().any(|transfer| {
            usize::from(transfer.payee) == party
                && self.is_revealed(transfer)
                && self.judge.height >= transfer.expiry + policy().fold_patience
        });
        assert!(withheld, "party {party} closes alone without need");
    }

    /// CP-1 to CP-11, seen from outside.
    pub(super) fn verify(&self) {
        self.world.verify();
        let mut agreed_by_version = BTreeMap::new();
        for (position, done) in self.world.done.iter().enumerate() {
            let mut signed = BTreeMap::new();
            let mut agreed = 0;
            for effect in done {
                match effect {
                    Effect::Persist(Record::Signed(proposal)) => {
                        let state = &proposal.state;
                        let earlier = signed.insert(state.version, state.clone());
                        assert!(earlier.is_none(), "CP-1: version {} twice", state.version);
                        assert_eq!(state.version, agreed + 1, "CP-3: two successors at once");
                        assert_eq!(state.total(), Some(self.total), "CP-4");
                    }
                    Effect::Persist(Record::Agreed(newest)) => {
                        assert_eq!(newest.version(), agreed + 1, "CP-5");
                        agreed = newest.version();
                        assert_eq!(newest.signatures().len(), self.seen.len(), "CP-6");
                        assert_eq!(signed.get(&agreed), Some(newest.state()), "CP-1");
                        let same = agreed_by_version.entry(agreed).or_insert(newest.state());
                        assert_eq!(*same, newest.state(), "parties agreed to different states");
                    }
                    _ => {}
                }
            }
            assert_eq!(self.world.parties[position].newest().version(), agreed);
        }
    }

    /// Lets everybody talk, and time pass, until nothing is left to say or to decide.
    pub fn calm_down(&mut self) {
        for _ in 0..60 {
            while !self.world.wire.is_empty() {
                self.deliver(0);
                self.judge();
            }
            for party in 0..self.world.parties.len() {
                let effects = self.world.parties[party].reconnected();
                self.world.carry_out(party, effects);
            }
            while !self.world.wire.is_empty() {
                self.deliver(0);
                self.judge();
            }
            self.verify();
            self.mine(3);
        }
        if self.judge.shown.is_some() {
            assert!(self.judge.is_concluded);
            return self.verify_judgement();
        }
        let versions: BTreeSet<_> =
            self.world.parties.iter().map(|party| party.newest().version()).collect();
        assert_eq!(versions.len(), 1, "the parties never came to rest");
        for party in &self.world.parties {
            assert!(party.is_idle(), "party {} never came to rest", party.position());
            assert_eq!(party.transfers(), [], "all have expired");
        }
        self.verify_paid();
    }

    /// After a dispute, every transfer went to whom the chain's rules say.
    fn verify_judgement(&self) {
        let shown = self.judge.shown.as_ref().expect("there was a dispute");
        for party in &self.world.parties {
            if party.newest() != shown {
                continue;
            }
            for transfer in party.transfers() {
                let decided = (
                    self.judge.claimed.contains(&transfer.id),
                    self.judge.refunded.contains(&transfer.id),
                );
                let is_revealed = self.is_revealed(transfer);
                assert_eq!(decided, (is_revealed, !is_revealed), "transfer {}", transfer.id);
            }
        }
        // Nobody who has shown a preimage and was not paid lost the claim.
        for party in self.world.parties.iter().filter(|party| party.newest() == shown) {
            for transfer in party.transfers() {
                let is_safe =
                    !self.shown.contains(&transfer.id) || self.judge.claimed.contains(&transfer.id);
                assert!(is_safe, "a claim was lost");
            }
        }
    }

    /// What was agreed is what was wanted, once, and leads to the balances.
    fn verify_paid(&self) {
        let size = self.world.parties.len();
        let mut balances = self.world.parties[0].agreement().deposits().to_vec();
        let mut open: BTreeMap<u64, Transfer> = BTreeMap::new();
        let mut wanted = self.taken.clone();
        let mut remove = |party: usize, change: &Change| {
            let at = wanted[party].iter().position(|it| it == change);
            wanted[party].remove(at.expect("CP-2: nobody wanted this"));
        };
        for effect in &self.world.done[0] {
            let Effect::Agreed { changes: Some(changes), .. } = effect else { continue };
            for change in changes {
                match change {
                    Change::Pay(payment) => {
                        let payer = usize::from(payment.payer);
                        remove(payer, change);
                        balances[payer] -= payment.amount;
                        balances[usize::from(payment.payee)] += payment.amount;
                    }
                    Change::Offer(transfer) => {
                        let payer = usize::from(transfer.payer);
                        remove(payer, change);
                        balances[payer] -= transfer.amount;
                        assert!(open.insert(transfer.id, *transfer).is_none());
                    }
                    Change::Fold { id } => {
                        let transfer = open.remove(id).expect("offered before");
                        balances[usize::from(transfer.payee)] += transfer.amount;
                        let has_heard = self.world.was_told(
                            usize::from(transfer.payer),
                            |it| matches!(it, Effect::Fulfilled { transfer, .. } if transfer.id == *id),
                        );
                        assert!(has_heard, "CP-10: paid without a preimage");
                    }
                    Change::Fail { id } => {
                        let transfer = open.remove(id).expect("offered before");
                        balances[usize::from(transfer.payer)] += transfer.amount;
                        assert!(!self.shown.contains(id), "a claim was given up");
                    }
                    Change::OpenStream(_) | Change::FoldStream(_) => unreachable!("no streams"),
                }
            }
        }
        for party in 0..size {
            assert_eq!(self.world.balances(party), balances);
        }
        // What is left of the wishes was reported, or lost with a process.
        if !self.has_crashed {
            for (party, left) in wanted.iter().enumerate() {
                let unpaid = self.world.done[party].iter().filter_map(|effect| match effect {
                    Effect::Unpaid(changes) => Some(changes.len()),
                    _ => None,
                });
                assert_eq!(left.len(), unpaid.sum::<usize>(), "party {party}");
            }
        }
    }
}
