//! Nothing is lost, nothing is doubled without cause, and nobody waits for a broken channel.

use std::{collections::BTreeSet, time::Duration};

use postroom_notification::Channel;
use tokio::time::Instant;

use crate::{
    Outcome, check,
    client::{Client, Inbox},
};

const ROUND: u64 = 1_000;
const AT_ONCE: Duration = Duration::ZERO;
const OTHERS: [Channel; 2] = [Channel::Push, Channel::Email];

/// A round with every channel healthy.
pub(crate) async fn healthy(client: &mut Client) -> Outcome {
    let began = Instant::now();
    let sent: BTreeSet<_> = client.notify(ROUND, AT_ONCE).await?.into_keys().collect();
    for channel in Channel::ALL {
        client.holds(channel, ROUND).await?;
        let inbox = client.inbox(channel).await?;
        check(once(&inbox) == sent, || format!("{channel} holds each exactly once"))?;
    }
    println!("healthy: {ROUND} in each of 3 inboxes exactly once, {} ms", millis(began.elapsed()));
    Ok(())
}

/// A round with SMS broken; then it is healed and its dead letters are sent again.
pub(crate) async fn breaks_and_heals(client: &mut Client, mode: &str) -> Outcome {
    let before = once(&client.inbox(Channel::Sms).await?);
    let held = before.len() as u64;
    client.set_fault(Channel::Sms, mode).await?;
    let began = Instant::now();
    let sent: BTreeSet<_> = client.notify(ROUND, AT_ONCE).await?.into_keys().collect();
    let accepted = began.elapsed();
    for channel in OTHERS {
        client.holds(channel, held + ROUND).await?;
    }
    let others = began.elapsed();
    check(once(&client.inbox(Channel::Sms).await?) == before, || {
        format!("SMS takes nothing while it is to {mode}")
    })?;
    client.settles(Channel::Sms, Some(ROUND)).await?;
    let dead = began.elapsed();
    check(dead < Duration::from_secs(60), || format!("all are dead in a minute: {dead:?}"))?;
    check(once(&client.inbox(Channel::Sms).await?) == before, || "SMS took none".to_owned())?;

    client.set_fault(Channel::Sms, "ok").await?;
    let moved = client.redrive(Channel::Sms).await?;
    check(moved == ROUND, || format!("{ROUND} are redriven: {moved}"))?;
    client.holds(Channel::Sms, held + ROUND).await?;
    let all: BTreeSet<_> = before.union(&sent).cloned().collect();
    for channel in Channel::ALL {
        let inbox = client.inbox(channel).await?;
        check(once(&inbox) == all, || format!("{channel} holds each exactly once"))?;
    }
    println!(
        "{mode}: {ROUND} accepted after {} ms, in both other inboxes after {} ms, all SMS dead \
         after {} ms; redriven, each exactly once in all 3 inboxes after {} ms",
        millis(accepted),
        millis(others),
        millis(dead),
        millis(began.elapsed())
    );
    Ok(())
}

/// A round with SMS flaky: nothing is lost, and every copy too many had its answer lost.
pub(crate) async fn flaky(client: &mut Client) -> Outcome {
    let before = once(&client.inbox(Channel::Sms).await?);
    client.set_fault(Channel::Sms, "flaky").await?;
    let began = Instant::now();
    let sent: BTreeSet<_> = client.notify(ROUND, AT_ONCE).await?.into_keys().collect();
    for channel in OTHERS {
        client.holds(channel, before.len() as u64 + ROUND).await?;
    }
    let others = began.elapsed();
    client.settles(Channel::Sms, None).await?;
    let settled = began.elapsed();
    client.set_fault(Channel::Sms, "ok").await?;
    let redriven = client.redrive(Channel::Sms).await?;
    client.settles(Channel::Sms, Some(0)).await?;

    let inbox = client.inbox(Channel::Sms).await?;
    let held: BTreeSet<_> = inbox.messages.keys().cloned().collect();
    check(held == before.union(&sent).cloned().collect(), || "nothing is lost".to_owned())?;
    let mut duplicates = 0;
    for (id, message) in &inbox.messages {
        let (copies, lost) = (message.copies, message.answers_lost);
        check(copies == lost + 1, || format!("{id}: {copies} copies, {lost} answers lost"))?;
        duplicates += copies - 1;
    }
    check(inbox.duplicates == duplicates && inbox.answers_lost == duplicates, || {
        format!("{duplicates} duplicates are counted: {}", inbox.duplicates)
    })?;
    for channel in OTHERS {
        let inbox = client.inbox(channel).await?;
        check(once(&inbox).len() == held.len(), || format!("{channel} holds each exactly once"))?;
    }
    println!(
        "flaky: {ROUND} in both other inboxes after {} ms, SMS settled after {} ms with {redriven} \
         dead, redriven; none lost, {duplicates} duplicates, each with its answer lost",
        millis(others),
        millis(settled)
    );
    Ok(())
}

/// The notifications in an inbox, if it holds each once.
fn once(inbox: &Inbox) -> BTreeSet<String> {
    let single = inbox.messages.iter().filter(|(_, message)| message.copies == 1);
    single.map(|(id, _)| id.clone()).collect()
}

fn millis(duration: Duration) -> u128 {
    duration.as_millis()
}
