// SPDX-License-Identifier: Apache-2.0

//! What is said of channels and nodes, and who must have signed it.

use crate::{
    fees::TermsError,
    gossip::{
        AnnouncementError, ChannelFacts, IntroductionError, UpdateError,
        announcing::Claim,
        updating::{MAX_AGE, MAX_AHEAD, MIN_SPACING},
    },
    names::{Direction, Moment},
    tests::network::{
        GENESIS, NOW, announce, announce_params, facts, free, id_of, later, params, party, terms,
        update,
    },
};
use millrace_primitives_channels::{ChannelAsset, Hash, ParamsError, Participant};
use polkadot_sdk::{sp_core::Pair, sp_runtime::MultiSigner};

#[test]
fn an_announcement_needs_all_four_signatures() {
    let (one, other, stranger) = (party(1), party(2), party(3));
    let sound = announce([&one, &other], 0);
    assert!(sound.clone().verify(&GENESIS).is_ok());
    for position in 0..2 {
        let mut forged = sound.clone();
        let payload = forged.claim.payload(&GENESIS);
        forged.channel_signatures[position] = stranger.signer.sign(payload.as_bytes()).into();
        let of = "channel signer";
        assert_eq!(forged.verify(&GENESIS), Err(AnnouncementError::BadSignature { of, position }));
        let mut forged = sound.clone();
        forged.node_signatures[position] = forged.claim.sign(&GENESIS, &stranger.node);
        assert_eq!(
            forged.verify(&GENESIS),
            Err(AnnouncementError::BadSignature { of: "node", position })
        );
    }
}

#[test]
fn an_announcement_counts_on_its_own_network_only() {
    let announcement = announce([&party(1), &party(2)], 0);
    let other = Hash::repeat_byte(8);
    assert!(matches!(announcement.verify(&other), Err(AnnouncementError::BadSignature { .. })));
}

#[test]
fn channels_of_three_and_of_one_node_are_not_announced() {
    let parties = [party(1), party(2), party(3)];
    let [one, other, third] = &parties;
    let mut of_three = params([one, other], ChannelAsset::Native, 0);
    let participant =
        Participant { account: third.account.clone(), signer: third.signer.public().into() };
    of_three.participants.try_push(participant).unwrap();
    assert_eq!(
        announce_params([one, other], of_three).verify(&GENESIS),
        Err(AnnouncementError::NotTwoParticipants { participants: 3 })
    );

    let params = params([one, other], ChannelAsset::Native, 0);
    let claim = Claim { params: params.clone(), nodes: [one.id(); 2] };
    let payload = claim.payload(&GENESIS);
    let mut alone = announce_params([one, other], params);
    alone.node_signatures = [claim.sign(&GENESIS, &one.node); 2];
    alone.channel_signatures =
        [one, other].map(|party| party.signer.sign(payload.as_bytes()).into());
    alone.claim = claim;
    assert_eq!(alone.verify(&GENESIS), Err(AnnouncementError::SameNode { node: one.id() }));
}

#[test]
fn parameters_that_the_chain_would_refuse_are_refused() {
    let (one, other) = (party(1), party(2));
    let mut same_signer = params([&one, &other], ChannelAsset::Native, 0);
    same_signer.participants[1].signer = MultiSigner::from(one.signer.public());
    let refused = announce_params([&one, &other], same_signer).verify(&GENESIS);
    assert_eq!(refused, Err(AnnouncementError::BadParams(ParamsError::DuplicateSigner)));
}

#[test]
fn the_chain_must_know_the_very_channel_and_it_must_be_open() {
    let announcement = announce([&party(1), &party(2)], 0);
    let id = id_of(&announcement);
    let signed = announcement.verify(&GENESIS).unwrap();
    let elsewhere = facts(Hash::zero(), 5);
    assert_eq!(
        signed.clone().proven(&elsewhere),
        Err(AnnouncementError::OtherChannel { asked: Hash::zero(), announced: id })
    );
    let closing = ChannelFacts { is_open: false, ..facts(id, 5) };
    assert_eq!(
        signed.clone().proven(&closing),
        Err(AnnouncementError::NotOpen { channel: id, at: NOW.block })
    );
    assert_eq!(signed.proven(&facts(id, 5)).unwrap().deposit(), 5);
}

#[test]
fn an_update_is_its_nodes_timely_word() {
    let (one, other) = (party(1), party(2));
    let channel = id_of(&announce([&one, &other], 0));
    let at = |sequence| update(&one, channel, Direction::Forth, sequence, free());
    let judge =
        |sequence, known, now: &Moment| at(sequence).verify(&GENESIS, &one.id(), known, now);
    let now = NOW.millis;
    assert!(judge(now, None, &NOW).is_ok());
    assert!(judge(now + MAX_AHEAD, None, &NOW).is_ok());
    let sequence = now + MAX_AHEAD + 1;
    assert_eq!(judge(sequence, None, &NOW), Err(UpdateError::FromTheFuture { sequence, now }));
    assert!(judge(now, None, &later(MAX_AGE)).is_ok());
    assert_eq!(
        judge(now, None, &later(MAX_AGE + 1)),
        Err(UpdateError::TooOld { sequence: now, now: now + MAX_AGE + 1 })
    );
    assert_eq!(
        judge(now, Some(now), &NOW),
        Err(UpdateError::NotNewer { received: now, known: now })
    );
    let soon = now + MIN_SPACING - 1;
    assert_eq!(
        judge(soon, Some(now), &NOW),
        Err(UpdateError::TooOften { received: soon, known: now })
    );
    assert!(judge(now + MIN_SPACING, Some(now), &NOW).is_ok());
    // The other end signs for its own direction only.
    let forged = update(&other, channel, Direction::Forth, now, free());
    assert_eq!(
        forged.verify(&GENESIS, &one.id(), None, &NOW),
        Err(UpdateError::BadSignature { node: one.id() })
    );
    let mut tampered = at(now);
    tampered.offer.terms.base_fee = 1;
    assert!(tampered.verify(&GENESIS, &one.id(), None, &NOW).is_err());
    let usurious = update(&one, channel, Direction::Forth, now, terms(0, 2_000_000));
    assert_eq!(
        usurious.verify(&GENESIS, &one.id(), None, &NOW),
        Err(UpdateError::BadTerms(TermsError::FeeTooHigh { ppm: 2_000_000 }))
    );
}

#[test]
fn an_introduction_is_readable_and_its_nodes_own() {
    let (one, other) = (party(1), party(2));
    let sound = one.introduction(NOW.millis);
    let validated = sound.clone().verify(&GENESIS, None, &NOW).unwrap();
    assert_eq!((validated.alias(), validated.onion_key()), ("mill", one.onion.public()));
    let again = sound.clone().verify(&GENESIS, Some(NOW.millis), &NOW);
    assert!(matches!(again, Err(IntroductionError::Untimely(UpdateError::NotNewer { .. }))));

    let mut stolen = sound.introduction.clone();
    stolen.onion_key = other.onion.public();
    let stolen = stolen.sign(&GENESIS, &other.node);
    assert_eq!(
        stolen.verify(&GENESIS, None, &NOW),
        Err(IntroductionError::BadSignature { node: one.id() })
    );
    for alias in [b"bell\x07".as_slice(), b"\xff\xfe"] {
        let mut loud = sound.introduction.clone();
        loud.alias = alias.to_vec().try_into().unwrap();
        let refused = loud.sign(&GENESIS, &one.node).verify(&GENESIS, None, &NOW);
        assert_eq!(refused, Err(IntroductionError::UnreadableAlias));
    }
    let mut off_curve = sound.introduction;
    off_curve.onion_key.0 = [5; 33];
    let refused = off_curve.sign(&GENESIS, &one.node).verify(&GENESIS, None, &NOW);
    assert_eq!(refused, Err(IntroductionError::BadOnionKey));
}
