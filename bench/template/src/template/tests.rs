// SPDX-License-Identifier: Apache-2.0

//! The template takes what `millrace-load` sends, and as much of it as its numbers say.

use super::{configs::EXISTENTIAL_DEPOSIT, *};
use codec::Encode;
use polkadot_sdk::{
    frame_support::{dispatch::DispatchClass, genesis_builder_helper::build_state},
    pallet_balances, pallet_timestamp,
    sp_consensus_babe::{
        BABE_ENGINE_ID,
        digests::{PreDigest, SecondaryPlainPreDigest},
    },
    sp_core::{Pair, crypto::Ss58Codec, ed25519, sr25519},
    sp_io::TestExternalities,
    sp_runtime::{
        Digest, DigestItem,
        generic::Era,
        traits::Header as _,
        transaction_validity::{InvalidTransaction, TransactionValidityError},
    },
};

/// What each of the two accounts starts with.
const ENDOWMENT: Balance = 10_000_000_000_000_000;

/// What each transfer moves.
const AMOUNT: Balance = 1_000_000;

/// Transfers that fit into one block, by the SDK's weights.
const FULL_BLOCK: u32 = 1_974;

fn alice() -> sr25519::Pair {
    sr25519::Pair::from_string("//Alice", None).unwrap()
}

fn bob() -> AccountId {
    sr25519::Pair::from_string("//Bob", None).unwrap().public().into()
}

/// A chain whose one validator is Alice, who shares its money with Bob.
fn chain() -> TestExternalities {
    let finaliser = ed25519::Pair::from_string("//Alice", None).unwrap().public().to_ss58check();
    let (alice, bob) = (alice().public().to_ss58check(), bob().to_ss58check());
    let config = format!(
        r#"{{
            "system": {{}},
            "babe": {{
                "authorities": [["{alice}", 1]],
                "epochConfig": {{ "c": [0, 1], "allowed_slots": "PrimaryAndSecondaryPlainSlots" }}
            }},
            "grandpa": {{ "authorities": [["{finaliser}", 1]] }},
            "balances": {{ "balances": [["{alice}", {ENDOWMENT}], ["{bob}", {ENDOWMENT}]] }},
            "transactionPayment": {{ "multiplier": "1000000000000000000" }}
        }}"#
    );
    let mut chain = TestExternalities::default();
    chain.execute_with(|| build_state::<RuntimeGenesisConfig>(config.into()).unwrap());
    chain
}

/// Begins the block of this number, one slot after the one before.
fn begin_block(number: BlockNumber) {
    let slot = 1_000 + u64::from(number);
    let digest = PreDigest::SecondaryPlain(SecondaryPlainPreDigest {
        authority_index: 0,
        slot: slot.into(),
    });
    let logs = vec![DigestItem::PreRuntime(BABE_ENGINE_ID, digest.encode())];
    let (root, parent) = (Hash::default(), Hash::default());
    Executive::initialize_block(&Header::new(number, root, root, parent, Digest { logs }));
    let now = pallet_timestamp::Call::set { now: slot * SLOT_MILLIS };
    let outcome = Executive::apply_extrinsic(UncheckedExtrinsic::new_bare(now.into()));
    assert_eq!(outcome, Ok(Ok(())));
}

/// A transfer from Alice to Bob.
fn transfer(nonce: Nonce) -> UncheckedExtrinsic {
    let value = AMOUNT;
    let call: RuntimeCall =
        pallet_balances::Call::transfer_keep_alive { dest: bob().into(), value }.into();
    let extension: TxExtension = (
        frame_system::AuthorizeCall::new(),
        frame_system::CheckNonZeroSender::new(),
        frame_system::CheckSpecVersion::new(),
        frame_system::CheckTxVersion::new(),
        frame_system::CheckGenesis::new(),
        frame_system::CheckMortality::from(Era::Immortal),
        frame_system::CheckNonce::from(nonce),
        frame_system::CheckWeight::new(),
        pallet_transaction_payment::ChargeTransactionPayment::from(0),
        frame_metadata_hash_extension::CheckMetadataHash::new(false),
        frame_system::WeightReclaim::new(),
    );
    let payload = SignedPayload::new(call.clone(), extension.clone()).unwrap();
    let signature = payload.using_encoded(|bytes| alice().sign(bytes));
    let from = AccountId::from(alice().public());
    UncheckedExtrinsic::new_signed(call, from.into(), signature.into(), extension)
}

#[test]
fn a_transfer_moves_money_and_pays_a_fee() {
    chain().execute_with(|| {
        begin_block(1);
        assert_eq!(Executive::apply_extrinsic(transfer(0)), Ok(Ok(())));
        Executive::finalize_block();
        assert_eq!(Balances::free_balance(bob()), ENDOWMENT + AMOUNT);
        let fee = ENDOWMENT - AMOUNT - Balances::free_balance(AccountId::from(alice().public()));
        // A load of millions of transfers uses nobody's money up.
        assert!(fee > 0 && fee < EXISTENTIAL_DEPOSIT, "{fee}");
    });
}

#[test]
fn a_block_holds_one_and_a_half_seconds_of_transfers() {
    chain().execute_with(|| {
        begin_block(1);
        let no_room: TransactionValidityError = InvalidTransaction::ExhaustsResources.into();
        let full = (0..).find(|nonce| {
            let outcome = Executive::apply_extrinsic(transfer(*nonce));
            assert!(matches!(outcome, Ok(Ok(()))) || outcome == Err(no_room));
            outcome.is_err()
        });
        assert_eq!(full, Some(FULL_BLOCK));
        let used = System::block_weight().get(DispatchClass::Normal).ref_time();
        assert!((1_490_000_000_000..=1_500_000_000_000).contains(&used), "{used}");
    });
}

#[test]
fn validators_stay_when_an_epoch_ends() {
    chain().execute_with(|| {
        let last = u32::try_from(EPOCH_SLOTS).unwrap() + 2;
        for number in 1..=last {
            begin_block(number);
            Executive::finalize_block();
        }
        assert_eq!(Babe::epoch_index(), 1);
        assert_eq!((Babe::authorities().len(), Grandpa::grandpa_authorities().len()), (1, 1));
    });
}
