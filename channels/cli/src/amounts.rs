// SPDX-License-Identifier: Apache-2.0

//! Amounts as people read them: exact, in whole tokens.

use millrace_primitives_channels::Balance;

/// Digits after the point that are shown even if they are zero.
const LEAST_DIGITS: usize = 2;

/// The token of a chain.
#[derive(Clone, Debug)]
pub struct Token {
    /// Its symbol.
    pub symbol: String,
    /// Its decimals.
    pub decimals: u32,
}

impl Token {
    /// `thousandths` of one token in the smallest unit.
    pub fn thousandths(&self, thousandths: Balance) -> Balance {
        let whole = 10u128.saturating_pow(self.decimals);
        whole.saturating_mul(thousandths).checked_div(1_000).unwrap_or(0)
    }

    /// Every digit of an amount, without zeros at the end and without the symbol.
    pub fn digits(&self, amount: Balance) -> String {
        let text = format!("{amount:0>width$}", width = self.decimals as usize + 1);
        let (whole, fraction) = text.split_at(text.len() - self.decimals as usize);
        let fraction = fraction.trim_end_matches('0');
        format!("{whole}.{fraction:0<LEAST_DIGITS$}")
    }

    /// An amount with its symbol.
    pub fn show(&self, amount: Balance) -> String {
        format!("{} {}", self.digits(amount), self.symbol)
    }

    /// A change with its sign and symbol.
    pub fn show_change(&self, before: Balance, after: Balance) -> String {
        let sign = if after < before { "-" } else { "+" };
        format!("{sign}{}", self.show(after.abs_diff(before)))
    }

    /// An amount whose point stands in the same column as that of every other.
    pub fn column(&self, amount: Balance) -> String {
        let digits = self.digits(amount);
        let (whole, fraction) = digits.split_once('.').unwrap_or((&digits, ""));
        format!("{whole:>6}.{fraction:<width$}", width = self.decimals as usize)
    }
}

/// A number with its thousands set apart.
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token() -> Token {
        Token { symbol: "MILL".to_owned(), decimals: 12 }
    }

    #[test]
    fn amounts_are_exact_and_short() {
        assert_eq!(token().show(0), "0.00 MILL");
        assert_eq!(token().show(1), "0.000000000001 MILL");
        assert_eq!(token().show(1_500_000_000_000), "1.50 MILL");
        assert_eq!(token().show(100_123_456_789_012), "100.123456789012 MILL");
        assert_eq!(token().show_change(3_000_000_000_000, 1_000_000_000_000), "-2.00 MILL");
        let whole = Token { symbol: "UNIT".to_owned(), decimals: 0 };
        assert_eq!(whole.show(7), "7.00 UNIT");
    }

    #[test]
    fn thousands_are_set_apart() {
        assert_eq!(thousands(7), "7");
        assert_eq!(thousands(1_000), "1,000");
        assert_eq!(thousands(12_345_678), "12,345,678");
    }
}
