// SPDX-License-Identifier: Apache-2.0

//! Referenda, votes, the technical committee, the treasury and parameters.

use crate::{
    AccountId, Balance, Balances, BlockNumber, Network, Parameters, Preimage, Referenda, Runtime,
    RuntimeCall, RuntimeEvent, RuntimeOrigin, RuntimeParameters, Scheduler, System, Treasury,
    constants::{money::MILL, space, time::DAYS},
    governance::{
        TechnicalCollective, TechnicalMajority,
        origins::{
            self, ParameterAdmin, ReferendumCanceller, ReferendumKiller, Spender, WhitelistedCaller,
        },
        tracks::Tracks,
    },
    network,
};
use polkadot_sdk::{
    frame_support::{
        PalletId, parameter_types,
        traits::{
            AsEnsureOriginWithArg, ConstU32, ConstU128, EitherOf, EitherOfDiverse, Get,
            tokens::{PayFromAccount, UnityAssetBalanceConversion},
        },
        weights::Weight,
    },
    frame_system::{EnsureRoot, EnsureRootWithSuccess, EnsureSigned},
    pallet_collective, pallet_conviction_voting, pallet_parameters, pallet_referenda,
    pallet_treasury, pallet_whitelist,
    sp_runtime::{
        Perbill, Permill,
        traits::{AccountIdConversion, IdentityLookup},
    },
};

impl origins::Config for Runtime {}
impl network::Config for Runtime {
    type SetMinChallengeBlocks = SetMinChallengeBlocks;
}

/// Gives the governance-kept parameter its first value.
pub struct SetMinChallengeBlocks;

impl network::SetAtGenesis<BlockNumber> for SetMinChallengeBlocks {
    fn set(blocks: BlockNumber) {
        use crate::parameters::dynamic_params::channels::{MinChallengeBlocks, Parameters as Keys};
        Parameters::set_parameter(
            RuntimeOrigin::root(),
            RuntimeParameters::Channels(Keys::MinChallengeBlocks(MinChallengeBlocks, Some(blocks))),
        )
        .expect("root may set every parameter");
    }
}

/// A period of a live network, in blocks of this chain.
pub struct Scaled<const BLOCKS: BlockNumber>;

impl<const BLOCKS: BlockNumber> Get<BlockNumber> for Scaled<BLOCKS> {
    fn get() -> BlockNumber {
        Network::scaled(BLOCKS)
    }
}

impl pallet_conviction_voting::Config for Runtime {
    type BlockNumberProvider = System;
    type Currency = Balances;
    type MaxTurnout =
        polkadot_sdk::frame_support::traits::tokens::currency::TotalIssuanceOf<Balances, AccountId>;
    type MaxVotes = ConstU32<512>;
    type Polls = Referenda;
    type RuntimeEvent = RuntimeEvent;
    type VoteLockingPeriod = Scaled<{ 7 * DAYS }>;
    type VotingHooks = ();
    type WeightInfo = pallet_conviction_voting::weights::SubstrateWeight<Runtime>;
}

impl pallet_referenda::Config for Runtime {
    type AlarmInterval = ConstU32<1>;
    type BlockNumberProvider = System;
    type CancelOrigin = EitherOfDiverse<EnsureRoot<AccountId>, ReferendumCanceller>;
    type Currency = Balances;
    type KillOrigin = EitherOfDiverse<EnsureRoot<AccountId>, ReferendumKiller>;
    type MaxQueued = ConstU32<100>;
    type Preimages = Preimage;
    type RuntimeCall = RuntimeCall;
    type RuntimeEvent = RuntimeEvent;
    type Scheduler = Scheduler;
    type Slash = ImbalanceToTreasury;
    type SubmissionDeposit = ConstU128<MILL>;
    type SubmitOrigin = AsEnsureOriginWithArg<EnsureSigned<AccountId>>;
    type Tally = pallet_conviction_voting::TallyOf<Runtime>;
    type Tracks = Tracks;
    type UndecidingTimeout = Scaled<{ 14 * DAYS }>;
    type Votes = pallet_conviction_voting::VotesOf<Runtime>;
    type WeightInfo = pallet_referenda::weights::SubstrateWeight<Runtime>;
}

parameter_types! {
    pub MaxProposalWeight: Weight = Perbill::from_percent(50) * space::MAX_BLOCK_WEIGHT;
}

impl pallet_collective::Config<TechnicalCollective> for Runtime {
    type Consideration = ();
    type DefaultVote = pallet_collective::MoreThanMajorityThenPrimeDefaultVote;
    type DisapproveOrigin = EnsureRoot<AccountId>;
    type KillOrigin = EnsureRoot<AccountId>;
    type MaxMembers = ConstU32<25>;
    type MaxProposalWeight = MaxProposalWeight;
    type MaxProposals = ConstU32<25>;
    type MotionDuration = Scaled<{ 7 * DAYS }>;
    type Proposal = RuntimeCall;
    type RuntimeEvent = RuntimeEvent;
    type RuntimeOrigin = RuntimeOrigin;
    type SetMembersOrigin = EnsureRoot<AccountId>;
    type WeightInfo = pallet_collective::weights::SubstrateWeight<Runtime>;
}

impl pallet_whitelist::Config for Runtime {
    type BlockNumberProvider = System;
    type DeferredDispatchExpiration = Scaled<{ 7 * DAYS }>;
    type DispatchWhitelistedOrigin = EitherOfDiverse<EnsureRoot<AccountId>, WhitelistedCaller>;
    type Preimages = Preimage;
    type RuntimeCall = RuntimeCall;
    type RuntimeEvent = RuntimeEvent;
    type WeightInfo = pallet_whitelist::weights::SubstrateWeight<Runtime>;
    type WhitelistOrigin = EitherOfDiverse<EnsureRoot<AccountId>, TechnicalMajority>;
}

parameter_types! {
    pub const TreasuryPalletId: PalletId = PalletId(*b"mil/trsy");
    pub const NoBurn: Permill = Permill::zero();
    /// Where treasury money is.
    pub TreasuryAccount: AccountId = TreasuryPalletId::get().into_account_truncating();
    pub const RootSpendLimit: Balance = Balance::MAX;
}

/// Slashed deposits of pallets that still use the older currency traits.
pub type ImbalanceToTreasury = Treasury;

impl pallet_treasury::Config for Runtime {
    type AssetKind = ();
    type BalanceConverter = UnityAssetBalanceConversion;
    #[cfg(feature = "runtime-benchmarks")]
    type BenchmarkHelper = ();
    type Beneficiary = AccountId;
    type BeneficiaryLookup = IdentityLookup<AccountId>;
    type BlockNumberProvider = System;
    type Burn = NoBurn;
    type BurnDestination = ();
    type Currency = Balances;
    type MaxApprovals = ConstU32<100>;
    type PalletId = TreasuryPalletId;
    type Paymaster = PayFromAccount<Balances, TreasuryAccount>;
    type PayoutPeriod = Scaled<{ 30 * DAYS }>;
    type RejectOrigin = EitherOfDiverse<EnsureRoot<AccountId>, ReferendumCanceller>;
    type RuntimeEvent = RuntimeEvent;
    type SpendFunds = ();
    type SpendOrigin = EitherOf<EnsureRootWithSuccess<AccountId, RootSpendLimit>, Spender>;
    type SpendPeriod = Scaled<{ 7 * DAYS }>;
    type WeightInfo = pallet_treasury::weights::SubstrateWeight<Runtime>;
}

impl pallet_parameters::Config for Runtime {
    type AdminOrigin =
        AsEnsureOriginWithArg<EitherOfDiverse<EnsureRoot<AccountId>, ParameterAdmin>>;
    type RuntimeEvent = RuntimeEvent;
    type RuntimeParameters = RuntimeParameters;
    type WeightInfo = ();
}
