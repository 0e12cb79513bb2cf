// SPDX-License-Identifier: Apache-2.0

//! Signing over the hash of a small runtime's metadata.

use super::*;
use codec::Compact;
use polkadot_sdk::{
    sp_core::{Pair, sr25519},
    sp_runtime::{AccountId32, MultiAddress, MultiSignature, generic::Era},
};
use scale_info::{MetaType, TypeInfo, meta_type};
use subxt::ext::frame_metadata::v15::{
    CustomMetadata, ExtrinsicMetadata, OuterEnums, PalletCallMetadata, PalletConstantMetadata,
    PalletMetadata, SignedExtensionMetadata,
};

/// All calls.
#[allow(dead_code)]
#[derive(TypeInfo)]
enum Calls {
    #[codec(index = 0)]
    System(SystemCalls),
    #[codec(index = 9)]
    Channels(ChannelsCalls),
}

#[allow(dead_code, non_camel_case_types)]
#[derive(TypeInfo)]
enum SystemCalls {
    #[codec(index = 3)]
    remark { remark: Vec<u8> },
}

#[allow(dead_code, non_camel_case_types)]
#[derive(TypeInfo)]
enum ChannelsCalls {
    #[codec(index = 2)]
    conclude { channel: [u8; 32] },
}

fn constant_of<T: TypeInfo + 'static>(
    name: &'static str,
    value: Vec<u8>,
) -> PalletConstantMetadata {
    PalletConstantMetadata { name, ty: meta_type::<T>(), value, docs: Vec::new() }
}

fn pallet(name: &'static str, index: u8, calls: MetaType) -> PalletMetadata {
    PalletMetadata {
        name,
        storage: None,
        calls: Some(PalletCallMetadata { ty: calls }),
        event: None,
        constants: vec![
            constant_of::<u16>("SS58Prefix", 42u16.encode()),
            constant_of::<(String, String)>("Version", ("small", "implementation").encode()),
        ],
        error: None,
        index,
        docs: Vec::new(),
    }
}

fn extension(name: &'static str, carried: MetaType, implied: MetaType) -> SignedExtensionMetadata {
    SignedExtensionMetadata { identifier: name, ty: carried, additional_signed: implied }
}

fn described() -> RuntimeMetadataV15 {
    let nothing = meta_type::<()>();
    let extrinsic: ExtrinsicMetadata = ExtrinsicMetadata {
        version: 4,
        address_ty: meta_type::<MultiAddress<AccountId32, ()>>(),
        call_ty: meta_type::<Calls>(),
        signature_ty: meta_type::<MultiSignature>(),
        extra_ty: nothing,
        signed_extensions: vec![
            extension("CheckNonZeroSender", nothing, nothing),
            extension("CheckSpecVersion", nothing, meta_type::<u32>()),
            extension("CheckTxVersion", nothing, meta_type::<u32>()),
            extension("CheckGenesis", nothing, meta_type::<[u8; 32]>()),
            extension("CheckMortality", meta_type::<Era>(), meta_type::<[u8; 32]>()),
            extension("CheckNonce", meta_type::<Compact<u32>>(), nothing),
            extension("ChargeTransactionPayment", meta_type::<Compact<u128>>(), nothing),
            extension("CheckMetadataHash", meta_type::<u8>(), meta_type::<Option<[u8; 32]>>()),
        ],
    };
    let pallets = vec![
        pallet("System", 0, meta_type::<SystemCalls>()),
        pallet("Channels", 9, meta_type::<ChannelsCalls>()),
    ];
    let outer: OuterEnums = OuterEnums {
        call_enum_ty: meta_type::<Calls>(),
        event_enum_ty: nothing,
        error_enum_ty: nothing,
    };
    let custom: CustomMetadata = CustomMetadata { map: Default::default() };
    RuntimeMetadataV15::new(pallets, extrinsic, nothing, Vec::new(), outer, custom)
}

fn facts() -> Facts {
    Facts {
        genesis: Hash::repeat_byte(1),
        spec_version: 100,
        transaction_version: 2,
        token: "MILL".to_owned(),
        decimals: 12,
    }
}

fn read(metadata: RuntimeMetadataV15, facts: Facts) -> Result<HashedRuntime, String> {
    HashedRuntime::read(&RuntimeMetadataPrefixed::from(metadata).encode(), facts)
}

#[test]
fn signature_covers_the_hash() {
    let runtime = read(described(), facts()).expect("it is metadata");
    let key = AccountKey::development("Alice").expect("everybody knows it");
    let from = Head { number: 64, hash: Hash::repeat_byte(5) };
    let terms = Terms { nonce: 7, tip: 1, life: 64, from };
    let bytes = runtime.sign(&Call::nothing(), &key, &terms).expect("it has the call");

    let body = Vec::<u8>::decode_all(&mut &bytes[..]).expect("a length and so many bytes");
    let (head, rest) = body.split_at(1 + 1 + 32 + 1 + 64);
    // Format 4, signed, by an account's 32 bytes, with sr25519.
    assert_eq!((head[0], head[1], head[34]), (0x84, 0, 1));
    assert_eq!(&head[2..34], AsRef::<[u8]>::as_ref(&key.account()));
    let era = Era::mortal(64, 64).encode();
    let carried = [&era[..], &[7 << 2, 1 << 2, 1]].concat();
    let call = [0, 3, 0];
    assert_eq!(rest, [&carried[..], &call].concat());
    let implied = (100u32, 2u32, [1u8; 32], [5u8; 32], Some(runtime.hash)).encode();
    let payload = [&call[..], &carried, &implied].concat();
    let signature = sr25519::Signature::try_from(&head[35..]).expect("64 bytes");
    let public = sr25519::Public::from_raw(*key.account().as_ref());
    assert!(sr25519::Pair::verify(&signature, payload, &public));
}

#[test]
fn hash_covers_calls_token_and_version() {
    let hash = |metadata, facts| read(metadata, facts).expect("it is metadata").hash;
    let usual = hash(described(), facts());
    assert_eq!(usual, hash(described(), facts()));
    assert_ne!(usual, hash(described(), Facts { decimals: 6, ..facts() }));
    assert_ne!(usual, hash(described(), Facts { token: "DUST".to_owned(), ..facts() }));
    assert_ne!(usual, hash(described(), Facts { spec_version: 101, ..facts() }));
    let mut other = described();
    other.extrinsic.signed_extensions.pop();
    assert_ne!(usual, hash(other, facts()));
}

#[test]
fn pallet_that_is_listed_elsewhere_is_refused() {
    // given a list that has the calls of one pallet under the name of another, where the hash does
    // not look
    let mut lying = described();
    let (place, calls) = (lying.pallets[0].index, lying.pallets[0].calls.clone());
    (lying.pallets[1].index, lying.pallets[1].calls) = (place, calls);
    // when it is read, then the type of all calls contradicts it
    let reason = read(lying, facts()).expect_err("it contradicts itself");
    assert_eq!(reason, "the type of all calls has Channels elsewhere");

    let mut moved = described();
    moved.pallets[1].index = 8;
    assert!(read(moved, facts()).is_err());
}

#[test]
fn bytes_that_are_no_metadata_are_refused() {
    assert!(HashedRuntime::read(&[], facts()).is_err());
    let mut longer = RuntimeMetadataPrefixed::from(described()).encode();
    longer.push(0);
    assert!(HashedRuntime::read(&longer, facts()).is_err());
}
