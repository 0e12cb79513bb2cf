// SPDX-License-Identifier: Apache-2.0

//! Terms, consent and co-signed states.

use super::*;
use crate::{AgreementError, agreement::CoSignedState, signing::Pen};
use millrace_primitives_channels::{ParamsError, PendingTransfers, StateError, state::Signatures};
use polkadot_sdk::{sp_core::sr25519, sp_runtime::MultiSignature};

#[test]
fn agreement_refuses_what_the_chain_would_refuse() {
    let refusal = |deposits: &[Balance]| {
        Agreement::verify(genesis(), params(2), amounts(deposits)).unwrap_err()
    };
    assert_eq!(refusal(&[1]), AgreementError::WrongDepositCount { deposits: 1, participants: 2 });
    assert_eq!(refusal(&[0, 0]), AgreementError::NothingDeposited);
    assert_eq!(refusal(&[Balance::MAX, 1]), AgreementError::DepositOverflow);
    assert_eq!(
        Agreement::verify(genesis(), params(1), amounts(&[1])).unwrap_err(),
        AgreementError::Params(ParamsError::TooFewParticipants)
    );
}

#[test]
fn consent_needs_every_account_on_this_very_chain() {
    let accounts: Vec<_> = [1u8, 2].map(|seed| sr25519::Pair::from_seed(&[seed; 32])).into();
    let mut params = params(2);
    for (participant, account) in params.participants.iter_mut().zip(&accounts) {
        participant.account = account.public().into();
    }
    let mut participants = params.participants.to_vec();
    participants.sort_by(|a, b| a.account.cmp(&b.account));
    params.participants = BoundedVec::truncate_from(participants);
    let terms = Agreement::verify(genesis(), params.clone(), amounts(&[5, 5])).unwrap();

    let sign = |payload: Hash| -> Vec<MultiSignature> {
        params
            .participants
            .iter()
            .map(|participant| {
                let account = accounts
                    .iter()
                    .find(|account| participant.account == account.public().into())
                    .unwrap();
                Pair::sign(account, payload.as_bytes()).into()
            })
            .collect()
    };
    let signatures = sign(terms.open_payload());
    assert_eq!(terms.verify_consent(&signatures), Ok(()));

    let swapped: Vec<_> = signatures.iter().rev().cloned().collect();
    assert_eq!(terms.verify_consent(&swapped), Err(AgreementError::WrongSignature { position: 0 }));
    assert_eq!(
        terms.verify_consent(&signatures[..1]),
        Err(AgreementError::WrongSignatureCount { signatures: 1, participants: 2 })
    );
    let elsewhere =
        Agreement::verify(Hash::repeat_byte(8), params.clone(), amounts(&[5, 5])).unwrap();
    assert_eq!(
        elsewhere.verify_consent(&signatures),
        Err(AgreementError::WrongSignature { position: 0 })
    );
}

#[test]
fn co_signed_state_needs_all_signatures_and_the_whole_deposit() {
    let mut world = World::new(&[10, 10]);
    world.pay(0, 1, 3).unwrap();
    world.deliver_all();
    let newest = world.parties[0].newest().clone();
    let terms = agreement(&[10, 10]);
    let verify = |state, signatures| CoSignedState::verify(&terms, state, signatures);

    assert_eq!(verify(newest.state().clone(), newest.signatures().clone()), Ok(newest.clone()));

    let one = Signatures::truncate_from(newest.signatures()[..1].to_vec());
    assert_eq!(
        verify(newest.state().clone(), one),
        Err(AgreementError::WrongSignatureCount { signatures: 1, participants: 2 })
    );
    let mut richer = newest.state().clone();
    richer.balances[0] += 1;
    assert_eq!(
        verify(richer, newest.signatures().clone()),
        Err(AgreementError::State(StateError::SumMismatch))
    );
    let mut shapeless = newest.state().clone();
    shapeless.pending = Some(PendingTransfers {
        root: Hash::zero(),
        totals: amounts(&[0, 0]),
        count: 0,
        last_expiry: 0,
    });
    assert_eq!(
        verify(shapeless, newest.signatures().clone()),
        Err(AgreementError::State(StateError::BadPending))
    );
    let mut later = newest.state().clone();
    later.version += 1;
    assert_eq!(
        verify(later, newest.signatures().clone()),
        Err(AgreementError::WrongSignature { position: 0 })
    );
}

#[test]
fn pen_signs_no_version_twice() {
    let mut pen = Pen::new(key(0));
    let (first, second) = (Hash::repeat_byte(1), Hash::repeat_byte(2));
    assert!(pen.sign(5, first).is_ok());
    assert!(pen.sign(5, first).is_ok(), "the same state again proves nothing new");
    assert!(pen.sign(5, second).is_err());
    assert!(pen.sign(4, second).is_err());
    assert!(pen.sign(6, second).is_ok());
}
