//! One phone or mailbox, and how its channel stands.

use postroom_notification::Channel;
use yew::prelude::*;

use super::api::{Letter, Mail, Status};
use crate::panels::words;

/// What [`Mailbox`] shows.
#[derive(Clone, PartialEq, Properties)]
pub(super) struct MailboxProps {
    pub(super) channel: Channel,
    pub(super) mail: Mail,
    pub(super) status: Option<Status>,
    pub(super) on_fault: Callback<&'static str>,
    pub(super) on_redrive: Callback<()>,
}

/// The faults that can be set: the service's word, and ours.
const FAULTS: [(&str, &str); 5] =
    [("ok", "Works"), ("fail", "Fails"), ("hang", "Hangs"), ("slow", "Slow"), ("flaky", "Flaky")];

/// A phone, or a mailbox.
#[component]
pub(super) fn Mailbox(props: &MailboxProps) -> Html {
    let name = match props.channel {
        Channel::Push => "Phone: push",
        Channel::Email => "Mailbox: e-mail",
        Channel::Sms => "Phone: SMS",
    };
    let title = format!("mailbox-{}", props.channel);
    html! {
        <section class={classes!("mailbox", props.channel.name())} aria-labelledby={title.clone()}>
            <h2 id={title}>{ name }</h2>
            <p class="hint">{ format!("{} delivered", props.mail.count) }</p>
            { props.status.as_ref().map(|status| view_status(status, props)) }
            <ol class="letters">
                { for props.mail.messages.iter().map(view_letter) }
            </ol>
            if props.mail.messages.is_empty() {
                <p class="hint">{ "Nothing yet." }</p>
            }
        </section>
    }
}

fn view_status(status: &Status, props: &MailboxProps) -> Html {
    let breaker = match status.breaker.as_deref() {
        Some("half_open") => "half-open",
        Some(state) => state,
        None => "none",
    };
    html! {
        <>
            <p class="status">
                { format!(
                    "{} in the queue, {} dead, breaker {breaker}",
                    status.depth, status.dead_letters
                ) }
            </p>
            <div class="modes" role="group" aria-label={format!("How {} behaves", props.channel)}>
                { for FAULTS.iter().map(|(mode, word)| {
                    let mode: &'static str = mode;
                    let pressed = (status.fault == mode).to_string();
                    let onclick = props.on_fault.reform(move |_| mode);
                    html! { <button aria-pressed={pressed} {onclick}>{ *word }</button> }
                }) }
                <button
                    disabled={status.dead_letters == 0}
                    onclick={props.on_redrive.reform(|_| ())}
                >
                    { "Redrive" }
                </button>
            </div>
        </>
    }
}

fn view_letter(letter: &Letter) -> Html {
    let took = words::span(letter.received_at_us.since(letter.accepted_at_us));
    html! {
        <li class="letter" key={format!("{} {}", letter.notification, letter.received_at_us.as_micros())}>
            <h3>{ &letter.title }</h3>
            if !letter.body.is_empty() {
                <p>{ &letter.body }</p>
            }
            <p class="hint">
                { format!("to {}, {took} after it was accepted", letter.to) }
                if letter.copies > 1 {
                    <strong>{ format!(", {} copies", letter.copies) }</strong>
                }
            </p>
        </li>
    }
}
