//! The inbox: what the running service delivered, and the ways to try it.

mod api;
mod mailbox;
mod send;

use postroom_notification::Channel;
use yew::{platform::spawn_local, prelude::*};

use self::{
    api::{Channels, Draft, Mail},
    mailbox::mailbox,
    send::SendForm,
};
use crate::{
    app::{INBOX, top},
    browser::{self, Failure, Interval, Stream},
};

/// Real milliseconds from one look at whether there is news to the next.
const TICK_MS: u32 = 500;
/// Without news the inbox is read again after so many of them: faults and breakers change too.
const TICKS_WITHOUT_NEWS: u32 = 4;

/// What happens on the page.
enum Msg {
    Tick,
    News,
    Read(Result<Box<Contents>, Failure>),
    Ask(Ask),
    Answered(Result<String, Failure>),
}

/// What the reader asks of the service.
#[derive(Clone, Debug, PartialEq)]
enum Ask {
    Send(Draft),
    SetFault(Channel, &'static str),
    Redrive(Channel),
}

/// What the service says.
struct Contents {
    channels: Channels,
    mail: Vec<(Channel, Mail)>,
}

/// The inbox of the running service: two phones and a mailbox.
pub struct Inbox {
    contents: Option<Contents>,
    /// What is wrong, or what was just done.
    notice: Option<String>,
    has_service: Option<bool>,
    is_reading: bool,
    has_news: bool,
    ticks: u32,
    events: Option<Stream>,
    _ticker: Interval,
}

impl Component for Inbox {
    type Message = InboxMsg;
    type Properties = ();

    fn create(ctx: &Context<Self>) -> Self {
        browser::set_title("Service inbox · Postroom");
        let link = ctx.link().clone();
        let mut inbox = Self {
            contents: None,
            notice: None,
            has_service: None,
            is_reading: false,
            has_news: false,
            ticks: 0,
            events: None,
            _ticker: Interval::new(TICK_MS, move || link.send_message(InboxMsg(Msg::Tick))),
        };
        inbox.read(ctx);
        inbox
    }

    fn update(&mut self, ctx: &Context<Self>, InboxMsg(msg): InboxMsg) -> bool {
        match msg {
            Msg::Tick => self.tick(ctx),
            Msg::News => self.has_news = true,
            Msg::Read(read) => {
                self.take(ctx, read);
                return true;
            }
            Msg::Ask(ask) => {
                let link = ctx.link().clone();
                spawn_local(async move {
                    link.send_message(InboxMsg(Msg::Answered(answer(ask).await)));
                });
            }
            Msg::Answered(answer) => {
                self.notice = Some(answer.unwrap_or_else(|failure| failure.to_string()));
                self.read(ctx);
                return true;
            }
        }
        false
    }

    fn view(&self, ctx: &Context<Self>) -> Html {
        html! {
            <div class="page">
                { top("", INBOX, Html::default()) }
                <main>
                    <p class="lead">
                        { "What a running service has delivered: two phones and a mailbox. Send \
                           something, break a channel, and watch the other two." }
                    </p>
                    <p class="notice" role="status">{ self.notice_in_words() }</p>
                    { self.contents.as_ref().map(|contents| view_contents(contents, ctx)) }
                </main>
            </div>
        }
    }
}

/// What happens on the inbox page; only the page itself makes one.
pub struct InboxMsg(Msg);

impl Inbox {
    fn tick(&mut self, ctx: &Context<Self>) {
        self.ticks += 1;
        // Nobody answers here: asking again and again would only fill the console.
        if self.has_service != Some(false) && (self.has_news || self.ticks >= TICKS_WITHOUT_NEWS) {
            self.read(ctx);
        }
    }

    fn read(&mut self, ctx: &Context<Self>) {
        if self.is_reading || browser::is_hidden() {
            return;
        }
        (self.is_reading, self.has_news, self.ticks) = (true, false, 0);
        let link = ctx.link().clone();
        spawn_local(async move {
            let contents = read_contents().await.map(Box::new);
            link.send_message(InboxMsg(Msg::Read(contents)));
        });
    }

    fn take(&mut self, ctx: &Context<Self>, read: Result<Box<Contents>, Failure>) {
        self.is_reading = false;
        match read {
            Ok(contents) => {
                self.contents = Some(*contents);
                if self.has_service != Some(true) {
                    self.notice = None;
                    let link = ctx.link().clone();
                    let news = move || link.send_message(InboxMsg(Msg::News));
                    self.events = Stream::open(api::EVENTS, news);
                }
                self.has_service = Some(true);
            }
            Err(failure) => {
                self.notice = Some(match failure {
                    // It was there before: it may come back, and is asked again.
                    Failure::NoService if self.contents.is_some() => {
                        "The service has stopped answering.".to_owned()
                    }
                    Failure::NoService => NO_SERVICE.to_owned(),
                    other => other.to_string(),
                });
                self.has_service = (self.contents.is_none()).then_some(false);
                self.events = None;
            }
        }
    }

    fn notice_in_words(&self) -> &str {
        let asking = "Asking the service…";
        let nothing_yet = if self.contents.is_none() { asking } else { "" };
        self.notice.as_deref().unwrap_or(nothing_yet)
    }
}

const NO_SERVICE: &str = "No service answers at this address. Start one with “cargo xtask play” \
    and open its inbox. The scenes need none: they run in this page.";

async fn read_contents() -> Result<Contents, Failure> {
    let channels = api::channels().await?;
    let mut mail = Vec::new();
    for channel in Channel::ALL {
        mail.push((channel, api::mail(channel).await?));
    }
    Ok(Contents { channels, mail })
}

async fn answer(ask: Ask) -> Result<String, Failure> {
    match ask {
        Ask::Send(draft) => api::send(&draft).await.map(|id| format!("Accepted as {id}.")),
        Ask::SetFault(channel, mode) => {
            api::set_fault(channel, mode).await.map(|()| format!("{channel}: {mode}."))
        }
        Ask::Redrive(channel) => api::redrive(channel)
            .await
            .map(|moved| format!("{channel}: {moved} dead letters go back to work.")),
    }
}

fn view_contents(contents: &Contents, ctx: &Context<Inbox>) -> Html {
    let ask = ctx.link().callback(|ask| InboxMsg(Msg::Ask(ask)));
    html! {
        <>
            <SendForm on_send={ask.reform(Ask::Send)} />
            <div class="mailboxes">
                { for contents.mail.iter().map(|(channel, mail)| {
                    let channel = *channel;
                    let status = contents.channels.of(channel);
                    let on_fault = ask.reform(move |mode| Ask::SetFault(channel, mode));
                    let on_redrive = ask.reform(move |_: MouseEvent| Ask::Redrive(channel));
                    mailbox(channel, mail, status, &on_fault, on_redrive)
                }) }
            </div>
        </>
    }
}
