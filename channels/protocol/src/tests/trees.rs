// SPDX-License-Identifier: Apache-2.0

//! The tree that is kept up to date is the chain's tree.

use super::*;
use crate::{
    TransferError,
    transfers::{Transfers, transfer_quota},
};
use millrace_primitives_channels::{Transfer, transfer};
use proptest::prelude::*;

fn transfer_of(number: u64, payer: u8) -> Transfer {
    Transfer {
        id: number * 2 + u64::from(payer),
        payer,
        payee: 1 - payer,
        amount: 1 + u128::from(number),
        hashlock: Hash::repeat_byte(number as u8),
        expiry: 100 + number as u32,
    }
}

fn verify(transfers: &Transfers) {
    let list = transfers.list();
    let Some(pending) = transfers.commitment(2) else {
        assert!(list.is_empty());
        return;
    };
    assert_eq!(pending.root, transfer::root(list));
    assert_eq!(pending.count as usize, list.len());
    assert_eq!(pending.last_expiry, list.iter().map(|it| it.expiry).max().unwrap());
    for (index, it) in list.iter().enumerate() {
        let proof = transfers.proof(it.id).expect("it is there");
        assert_eq!(Some(&proof), transfer::proof(list, index as u32).as_ref());
        assert!(transfer::verify(&pending.root, pending.count, it, &proof));
    }
}

#[test]
fn trees_of_every_small_size_grow_and_shrink_like_the_chains() {
    let mut transfers = Transfers::default();
    for number in 0..40 {
        transfers.add(transfer_of(number, (number % 2) as u8), 2).unwrap();
        transfers.refresh();
        verify(&transfers);
    }
    for number in (0..40).rev() {
        assert!(transfers.remove(number * 2 + number % 2).is_some());
        transfers.refresh();
        verify(&transfers);
    }
}

#[test]
fn transfer_fails_when_malformed_foreign_known_or_too_many() {
    let mut transfers = Transfers::default();
    let good = transfer_of(0, 0);
    transfers.add(good, 2).unwrap();
    let mut refuse = |transfer: Transfer| transfers.add(transfer, 2).unwrap_err();
    assert_eq!(refuse(good), TransferError::Duplicate { id: 0 });
    assert_eq!(refuse(Transfer { id: 1, ..good }), TransferError::ForeignId { id: 1, payer: 0 });
    let id = 2;
    for bad in [
        Transfer { id, amount: 0, ..good },
        Transfer { id, payee: 0, ..good },
        Transfer { id, payee: 2, ..good },
        Transfer { id, payer: 9, ..good },
    ] {
        assert_eq!(refuse(bad), TransferError::Malformed { id });
    }
    let limit = transfer_quota(2);
    for number in 1..limit as u64 {
        transfers.add(transfer_of(number, 0), 2).unwrap();
    }
    assert_eq!(
        transfers.add(transfer_of(limit as u64, 0), 2),
        Err(TransferError::TooMany { payer: 0, limit })
    );
    transfers.add(transfer_of(0, 1), 2).expect("the other's share is its own");
    transfers.refresh();
    verify(&transfers);
    let again = Transfers::of(transfers.list().to_vec(), 2).unwrap();
    assert_eq!(again.commitment(2), transfers.commitment(2));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_changes_lead_to_the_chains_root(
        steps in prop::collection::vec((any::<bool>(), 0u64..60, any::<bool>()), 0..200),
    ) {
        let mut transfers = Transfers::default();
        let mut known = std::collections::BTreeSet::new();
        for (is_new, number, is_read) in steps {
            if is_new {
                let is_added = transfers.add(transfer_of(number, 0), 2).is_ok();
                prop_assert_eq!(is_added, known.insert(number));
            } else {
                prop_assert_eq!(transfers.remove(number * 2).is_some(), known.remove(&number));
            }
            if is_read {
                transfers.refresh();
                verify(&transfers);
            }
        }
        transfers.refresh();
        verify(&transfers);
        prop_assert_eq!(transfers.list().len(), known.len());
    }
}
