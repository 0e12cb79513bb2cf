// SPDX-License-Identifier: Apache-2.0

//! Watchtowers.

use super::{
    Desk,
    output::{Table, short},
};
use millrace_channels_api::types::{Empty, Watchtower, Watchtowers};

pub async fn list(desk: &Desk) -> anyhow::Result<()> {
    let towers = desk.client.watchtowers_list(&Empty {}).await?;
    desk.out.result(&towers, || described(&towers))
}

/// A tower in a sentence.
pub fn sentence(tower: &Watchtower) -> String {
    let state = match (&tower.problem, tower.connected) {
        (Some(problem), _) => problem.clone(),
        (None, true) => "ready".to_owned(),
        (None, false) => "not asked yet".to_owned(),
    };
    let (name, covered, behind) = (short(&tower.peer), tower.covered, tower.behind);
    format!("{name} {covered} channels covered, {behind} behind: {state}")
}

fn described(towers: &Watchtowers) -> String {
    if towers.items.is_empty() {
        return "There are no watchtowers: start the daemon with --watchtower.".to_owned();
    }
    let mut table = Table::facts();
    table.fact("known there as", towers.client.as_str());
    for tower in &towers.items {
        table.fact("tower", format!("{} at {}", tower.peer, tower.address));
        table.fact("", sentence(tower));
    }
    let mut text = table.text("");
    let mut table = Table::new(&["tower", "channel", ">newest", ">covered", ">until block"]);
    for tower in &towers.items {
        for cover in &tower.channels {
            let or_none = |number: Option<String>| number.unwrap_or_else(|| "-".to_owned());
            table.row(vec![
                short(&tower.peer),
                cover.channel.to_string(),
                cover.newest.to_string(),
                or_none(cover.version.map(|version| version.to_string())),
                or_none(cover.until.map(|block| block.to_string())),
            ]);
        }
    }
    text.push('\n');
    text += &table.text("No channel has anything to hand in yet.");
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use millrace_channels_api::{types::Cover, values::ChannelId};

    #[test]
    fn what_a_tower_lacks_is_seen_at_a_glance() {
        let peer = "12D3KooWQYhTNQdmr3ArTeUHRYzFg94BKyTkoWBDWez9kSCVe2Xo";
        let cover =
            Cover { channel: ChannelId([7; 32]), newest: 9, version: Some(8), until: Some(1_000) };
        let tower = Watchtower {
            peer: peer.parse().unwrap(),
            address: "/ip4/203.0.113.7/tcp/9750".parse().unwrap(),
            connected: true,
            problem: Some("the tower is full".to_owned()),
            covered: 3,
            behind: 1,
            channels: vec![cover],
        };
        let said = sentence(&tower);
        assert!(said.contains("3 channels covered, 1 behind: the tower is full"), "{said}");
        let towers = Watchtowers { client: peer.parse().unwrap(), items: vec![tower] };
        let text = described(&towers);
        assert!(text.contains("1000") && text.contains("COVERED"), "{text}");
        let none = Watchtowers { items: Vec::new(), ..towers };
        assert!(described(&none).contains("--watchtower"));
    }
}
