//! One phone or mailbox, and how its channel stands.

use postroom_notification::Channel;
use yew::prelude::*;

use super::api::{Letter, Mail, Status};
use crate::panels::words;

/// The faults that can be set: the service's word, and ours.
const FAULTS: [(&str, &str); 5] =
    [("ok", "Works"), ("fail", "Fails"), ("hang", "Hangs"), ("slow", "Slow"), ("flaky", "Flaky")];

/// A phone, or a mailbox.
pub(super) fn mailbox(
    channel: Channel,
    mail: &Mail,
    status: Option<&Status>,
    on_fault: &Callback<&'static str>,
    on_redrive: Callback<MouseEvent>,
) -> Html {
    let name = match channel {
        Channel::Push => "Phone: push",
        Channel::Email => "Mailbox: e-mail",
        Channel::Sms => "Phone: SMS",
    };
    let title = format!("mailbox-{channel}");
    html! {
        <section class={classes!("mailbox", channel.name())} aria-labelledby={title.clone()}>
            <h2 id={title}>{ name }</h2>
            <p class="hint">{ format!("{} delivered", mail.count) }</p>
            { status.map(|status| view_status(status, on_fault, on_redrive)) }
            <ol class="letters">
                { for mail.messages.iter().map(view_letter) }
            </ol>
            if mail.messages.is_empty() {
                <p class="hint">{ "Nothing yet." }</p>
            }
        </section>
    }
}

fn view_status(
    status: &Status,
    on_fault: &Callback<&'static str>,
    on_redrive: Callback<MouseEvent>,
) -> Html {
    let breaker = match status.breaker.as_deref() {
        Some("half_open") => "half-open",
        Some("forced_open") => "forced open",
        Some(state) => state,
        None => "none",
    };
    let label = format!("How {} behaves", status.channel);
    html! {
        <>
            <div class="status">
                { format!(
                    "{} in the queue, {} dead, breaker {breaker}",
                    status.depth, status.dead_letters
                ) }
                <button disabled={status.dead_letters == 0} onclick={on_redrive}
                    aria-label={format!("Redrive the dead letters of {}", status.channel)}>
                    { "Redrive" }
                </button>
            </div>
            <div class="modes" role="group" aria-label={label}>
                { for FAULTS.iter().map(|(mode, word)| {
                    let mode: &'static str = mode;
                    let pressed = (status.fault == mode).to_string();
                    let onclick = on_fault.reform(move |_| mode);
                    html! { <button aria-pressed={pressed} {onclick}>{ *word }</button> }
                }) }
            </div>
        </>
    }
}

fn view_letter(letter: &Letter) -> Html {
    let took = letter.received_at_us.since(letter.accepted_at_us);
    let took = if took.as_millis() == 0 { "under 1 ms".into() } else { words::span(took) };
    html! {
        <li class="letter" key={format!("{} {}", letter.notification, letter.received_at_us.as_micros())}>
            <h3>{ &letter.title }</h3>
            if !letter.body.is_empty() {
                <p>{ &letter.body }</p>
            }
            <p class="hint">
                { format!("to {}, took {took}", letter.to) }
                if letter.copies > 1 {
                    <strong>{ format!(", {} copies", letter.copies) }</strong>
                }
            </p>
        </li>
    }
}
