// SPDX-License-Identifier: Apache-2.0

//! What a node's pool says to an extrinsic, and what that means.

/// Codes of the RPC method `author_submitExtrinsic`.
mod code {
    pub const INVALID: i32 = 1010;
    pub const ALREADY_THERE: i32 = 1013;
}

/// Reasons that pass: blocks are full; the lifetime began on a fork, or is over; the runtime is
/// being upgraded, and we sign for the one that is final.
const PASSING: [&str; 3] = ["exhaust", "birth block", "bad signature"];

/// What to make of the pool's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is in the pool.
    Taken,
    /// The nonce is used up at the best block: finality will tell by what.
    Used,
    /// The account cannot pay for it now.
    CannotPay(String),
    /// Not now; the same may be taken later.
    Later(String),
    /// Never.
    Refused(String),
}

/// Reads the pool's answer.
pub(crate) fn judge(answer: &Result<(), subxt::rpcs::Error>) -> Verdict {
    match answer {
        Ok(()) => Verdict::Taken,
        Err(subxt::rpcs::Error::User(user)) => {
            let data = user.data.as_ref().map_or("", |data| data.get().trim_matches('"'));
            judge_refusal(user.code, &user.message, data)
        }
        // The connection, not the pool.
        Err(other) => Verdict::Later(crate::error::reason_of(other)),
    }
}

fn judge_refusal(code: i32, message: &str, data: &str) -> Verdict {
    let reason = if data.is_empty() { message.to_owned() } else { format!("{message}: {data}") };
    match code {
        code::ALREADY_THERE => Verdict::Taken,
        code::INVALID if reason.contains("outdated") => Verdict::Used,
        code::INVALID if reason.contains("Inability to pay") => Verdict::CannotPay(reason),
        code::INVALID if PASSING.iter().any(|sign| reason.contains(sign)) => Verdict::Later(reason),
        code::INVALID => Verdict::Refused(reason),
        // Unknown, banned for a while, outbid, or the pool is full.
        _ => Verdict::Later(reason),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_are_told_apart() {
        let invalid = |data| judge_refusal(1010, "Invalid Transaction", data);
        assert_eq!(invalid("Transaction is outdated"), Verdict::Used);
        assert!(matches!(
            invalid("Inability to pay some fees (e.g. account balance too low)"),
            Verdict::CannotPay(_)
        ));
        assert!(matches!(invalid("Transaction has an ancient birth block"), Verdict::Later(_)));
        assert_eq!(
            invalid("Transaction call is not expected"),
            Verdict::Refused("Invalid Transaction: Transaction call is not expected".to_owned())
        );
        assert!(matches!(invalid("Transaction has a bad signature"), Verdict::Later(_)));
        assert_eq!(judge_refusal(1013, "Already Imported", ""), Verdict::Taken);
        assert!(matches!(judge_refusal(1016, "Immediately Dropped", ""), Verdict::Later(_)));
        assert!(matches!(judge_refusal(-32_603, "Internal error", ""), Verdict::Later(_)));
    }
}
