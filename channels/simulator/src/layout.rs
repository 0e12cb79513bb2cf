// SPDX-License-Identifier: Apache-2.0

//! How a world begins: who is there, and who has a channel with whom.

use crate::{
    chain::Chain,
    queue::Happening,
    random::Dice,
    room::{At, Machine, Room, Seat},
    settings::{BLOCK_TIME, CHALLENGE_BLOCKS, Fault, Settings, policy},
    villains::Villain,
    world::{Party, World},
};
use millrace_channels_protocol::{Agreement, Signer};
use millrace_primitives_channels::{
    AccountId, Balance, ChannelAsset, ChannelParams, Hash, Participant, params::Amounts,
};
use polkadot_sdk::{
    sp_core::{Pair, ed25519},
    sp_runtime::{BoundedVec, MultiSigner, traits::IdentifyAccount},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    iter::repeat_with,
};

/// One in so many parties is a villain, if there are any.
const VILLAINS: u64 = 6;

fn account_id(pair: &ed25519::Pair) -> AccountId {
    MultiSigner::from(pair.public()).into_account()
}

impl World {
    /// A world in which nothing has happened.
    pub(crate) fn new(settings: Settings) -> Self {
        let mut dice = Dice::new(settings.seed);
        let genesis = Hash::from(dice.layout.bytes());
        let count = settings.parties.max(2);
        let has_villains = settings.faults.has(Fault::Byzantine);
        let mut parties: Vec<_> = repeat_with(|| {
            let account = ed25519::Pair::from_seed(&dice.layout.bytes());
            let signer = ed25519::Pair::from_seed(&dice.layout.bytes());
            let is_villain = dice.villains.one_in(VILLAINS) && has_villains;
            Party {
                account,
                signer,
                seats: Vec::new(),
                is_up: true,
                told: 0,
                forwards: BTreeMap::new(),
                backup: None,
                peace_until: 0,
                is_forgetful: false,
                villain: is_villain.then(Villain::default),
            }
        })
        .take(count)
        .collect();
        // In the order of accounts, so that the parties of every channel are in order, too.
        parties.sort_by_key(|party| account_id(&party.account));
        let accounts: Vec<_> = parties.iter().map(|party| account_id(&party.account)).collect();
        let chain = Chain::new(genesis, &accounts, settings.mutant);

        let mut world = Self::empty(settings, genesis, chain);
        world.parties = parties;
        for number in 0..world.settings.channels {
            let members = world.members(number, &mut dice);
            world.open(number, &members, &accounts, &mut dice);
        }
        world.dice = dice;
        world
    }

    /// Who takes part in a channel: neighbours on a ring first, so that everybody can reach everybody,
    /// then anybody; three or four of them now and then.
    fn members(&self, number: usize, dice: &mut Dice) -> BTreeSet<usize> {
        let count = self.parties.len();
        let mut members = BTreeSet::new();
        if number < count && count > 2 {
            members.extend([number, (number + 1) % count]);
        }
        let size = match dice.layout.below(20) {
            0 => 4,
            1 | 2 => 3,
            _ => 2,
        };
        while members.len() < size.min(count) {
            members.insert(dice.layout.index(count));
        }
        members
    }

    fn open(
        &mut self,
        number: usize,
        members: &BTreeSet<usize>,
        accounts: &[AccountId],
        dice: &mut Dice,
    ) {
        let participants = members.iter().map(|party| Participant {
            account: accounts[*party].clone(),
            signer: self.parties[*party].signer.public_key(),
        });
        let params = ChannelParams {
            participants: BoundedVec::truncate_from(participants.collect()),
            asset: ChannelAsset::Native,
            challenge_blocks: CHALLENGE_BLOCKS,
            open_by: 100,
            nonce: number as u64,
        };
        let deposits = members.iter().map(|_| Balance::from(dice.layout.between(500, 3_000)));
        let deposits = Amounts::truncate_from(deposits.collect());
        let terms = Agreement::verify(self.genesis, params, deposits)
            .expect("members are distinct and in the order of their accounts");
        let mut seats = Vec::new();
        let mut honest = BTreeSet::new();
        for (seat, party) in members.iter().enumerate() {
            let signer = self.parties[*party].signer;
            let machine = Machine::with_policy(terms.clone(), signer, policy())
                .expect("the signer is the one in the terms");
            seats.push(Seat::new(*party, machine));
            if !self.is_villain(*party) {
                honest.insert(seat as u8);
            }
            self.parties[*party].seats.push(At { channel: number, seat });
        }
        self.chain.open(&terms);
        self.rooms.push(Room::new(terms, seats, honest));
    }

    /// What happens again and again is planned once, and then plans itself.
    pub(crate) fn plan_beginnings(&mut self) {
        self.plan(BLOCK_TIME, Happening::Block);
        let pace = self.pace();
        self.plan(BLOCK_TIME + pace, Happening::Act);
        if self.has(Fault::Partition) {
            self.plan(BLOCK_TIME * 3, Happening::Cut { blocks: 2 });
        }
        if self.has(Fault::Outage) {
            self.plan(BLOCK_TIME * 9, Happening::Cut { blocks: 90 });
        }
        for party in 0..self.parties.len() {
            if self.is_villain(party) {
                let delay = self.dice.villains.between(1, BLOCK_TIME * 4);
                self.plan(delay, Happening::Scheme { party });
            } else if self.has(Fault::Backup) {
                let delay = self.dice.crashes.between(1, BLOCK_TIME * 20);
                self.plan(delay, Happening::Backup { party });
            }
        }
    }
}
