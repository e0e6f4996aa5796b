//! How long the answer takes, and push and e-mail from acceptance to inbox, whatever SMS does.

use std::{collections::BTreeMap, time::Duration};

use postroom_notification::Channel;

use crate::{Outcome, client::Client};

const MODES: [&str; 3] = ["ok", "fail", "hang"];
const CHANNELS: [Channel; 2] = [Channel::Push, Channel::Email];
/// Each mode has a block in each cycle; cycles begin with another mode each, so that a drift of
/// the machine meets them all.
const CYCLES: usize = 9;
const BLOCK: u64 = 150;
/// A hundred a second.
const PACE: Duration = Duration::from_millis(10);

pub(crate) async fn measure(client: &mut Client) -> Outcome {
    // What is slow once only (first connections, first pages of memory) is nobody's latency.
    block(client, "ok").await?;
    let mut blocks = BTreeMap::<&str, BTreeMap<String, Duration>>::new();
    for cycle in 0..CYCLES {
        for turn in 0..MODES.len() {
            let mode = MODES[(cycle + turn) % MODES.len()];
            let sent = block(client, mode).await?;
            blocks.entry(mode).or_default().extend(sent);
        }
    }
    println!("\nmicroseconds, {CYCLES} alternating blocks of {BLOCK} a mode");
    println!("{:>16} {:>6} {:>8} {:>8} {:>8}", "", "sms", "median", "p99", "count");
    for mode in MODES {
        let answers = blocks.get(mode).into_iter().flatten().map(|(_, answered)| *answered);
        print("post to answer", mode, answers);
    }
    for channel in CHANNELS {
        let inbox = client.inbox(channel).await?;
        for mode in MODES {
            let sent = blocks.get(mode).into_iter().flatten();
            let messages = sent.filter_map(|(id, _)| inbox.messages.get(id));
            let name = format!("accept to {channel}");
            print(&name, mode, messages.map(|message| message.latency));
        }
    }
    Ok(())
}

fn print(name: &str, mode: &str, latencies: impl Iterator<Item = Duration>) {
    let mut latencies: Vec<_> = latencies.map(|latency| latency.as_micros()).collect();
    latencies.sort_unstable();
    let count = latencies.len();
    let at = |percent| latencies.get(count.saturating_sub(1) * percent / 100).unwrap_or(&0);
    println!("{name:>16} {mode:>6} {:>8} {:>8} {count:>8}", at(50), at(99));
}

/// Sends a block with SMS in this mode.
async fn block(client: &mut Client, mode: &str) -> Outcome<BTreeMap<String, Duration>> {
    client.set_fault(Channel::Sms, mode).await?;
    let sent = client.notify(BLOCK, PACE).await?;
    // The next block finds nothing left over of this one.
    client.set_fault(Channel::Sms, "ok").await?;
    client.settles(Channel::Sms, None).await?;
    Ok(sent)
}
