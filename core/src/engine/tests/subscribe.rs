#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use std::{format, vec};

use super::*;
use crate::{Condition, Filter, FilterError, SubjectError, SubjectPattern, limits};

/// A topic with one subscribed queue for each list of patterns.
fn world(patterns: &[&[&str]]) -> (Bench, TopicId, Vec<QueueId>) {
    let mut bench = Bench::default();
    let topic = bench.topic("t");
    let mut queues = Vec::new();
    for (index, patterns) in patterns.iter().enumerate() {
        let queue = bench.queue(&format!("q{index}"), brisk());
        let subjects = patterns.iter().map(|pattern| pattern.parse().unwrap()).collect();
        bench.subscribe_as(Subscribe { subjects, ..Subscribe::to(topic, queue) }).unwrap();
        queues.push(queue);
    }
    (bench, topic, queues)
}

fn about(subject: &str) -> NewMessage {
    NewMessage { subject: Some(subject.into()), ..NewMessage::new("m") }
}

impl Bench {
    fn subscribe_as(&mut self, subscribe: Subscribe) -> Result<(), ConfigureError> {
        let at = self.at();
        self.engine.subscribe(at, subscribe, &mut self.events)
    }

    fn try_apply(&mut self, command: Command) -> Result<Reply, Error> {
        let at = self.at();
        self.engine.apply(at, command, &mut self.events)
    }

    /// The queues that get a copy.
    fn placed(&mut self, topic: TopicId, message: NewMessage) -> Vec<QueueId> {
        let published = self.publish(Address::Topic(topic), message).unwrap();
        published.placements.iter().map(|placement| placement.queue).collect()
    }
}

#[test]
fn a_copy_goes_where_a_subject_matches() {
    let patterns: [&[&str]; 5] =
        [&[], &["orders.*.created"], &["orders.>"], &["#.created"], &["orders.eu.created", "a"]];
    let (mut bench, topic, queues) = world(&patterns);
    let cases: [(Option<&str>, &[usize]); 5] = [
        (Some("orders.eu.created"), &[0, 1, 2, 3, 4]),
        (Some("orders.us.created"), &[0, 1, 2, 3]),
        (Some("orders"), &[0]),
        (Some("a"), &[0, 4]),
        (None, &[0]),
    ];
    for (subject, expected) in cases {
        let message = subject.map_or_else(|| NewMessage::new("m"), about);
        let expected: Vec<_> = expected.iter().map(|index| queues[*index]).collect();
        assert_eq!(bench.placed(topic, message), expected, "{subject:?}");
    }
}

#[test]
fn several_matching_patterns_give_one_copy() {
    let (mut bench, topic, queues) = world(&[&["a.*", "a.b", "#"]]);
    assert_eq!(bench.placed(topic, about("a.b")), queues);
    assert_eq!(bench.stats(queues[0]).ready, 1);
}

#[test]
fn the_subject_and_the_filter_must_both_select() {
    let (mut bench, topic, _) = world(&[]);
    let queue = bench.queue("q", brisk());
    let subjects = Vec::from(["a.>".parse().unwrap()]);
    let filter = Filter::default().and("total", [Condition::Exists(true)]);
    bench.subscribe_as(Subscribe { subjects, filter, ..Subscribe::to(topic, queue) }).unwrap();
    let attributes = crate::Attributes::from([("total".into(), "3".into())]);
    let with = |message: NewMessage| NewMessage { attributes: attributes.clone(), ..message };
    assert_eq!(bench.placed(topic, about("a.b")), []);
    assert_eq!(bench.placed(topic, with(about("b.a"))), []);
    assert_eq!(bench.placed(topic, with(about("a.b"))), [queue]);
}

#[test]
fn a_message_for_nobody_is_numbered_and_gone() {
    let (mut bench, topic, queues) = world(&[&["a"]]);
    let published = bench.publish(Address::Topic(topic), about("b")).unwrap();
    assert_eq!((published.message.number, published.placements.len()), (0, 0));
    let next = bench.publish(Address::Topic(topic), about("a")).unwrap();
    assert_eq!((next.message.number, bench.stats(queues[0]).depth()), (1, 1));
}

#[test]
fn a_paused_subscription_gets_no_copies_and_no_later_ones_for_them() {
    let (mut bench, topic, queues) = world(&[&[], &[]]);
    let [paused, other] = queues[..] else { panic!() };
    bench.placed(topic, about("before"));
    let command = Command::PauseSubscription { topic, queue: paused };
    assert_eq!(bench.try_apply(command.clone()), Ok(Reply::Done));
    assert_eq!(bench.last_event(), Event::SubscriptionPaused { topic, queue: paused });
    assert!(bench.engine.subscriptions(topic)[0].paused);
    assert_eq!(bench.placed(topic, about("meanwhile")), [other]);
    assert_eq!(bench.stats(paused).ready, 1, "what it had, it keeps, and hands out");

    let events = bench.events.len();
    assert_eq!(bench.try_apply(command), Ok(Reply::Done));
    assert_eq!(bench.events.len(), events, "pausing twice is pausing once");

    let command = Command::ResumeSubscription { topic, queue: paused };
    assert_eq!(bench.try_apply(command), Ok(Reply::Done));
    assert_eq!(bench.last_event(), Event::SubscriptionResumed { topic, queue: paused });
    assert_eq!(bench.placed(topic, about("after")), queues);
    let subjects = bench.get_all(paused, 9).into_iter();
    let subjects: Vec<_> = subjects.map(|d| String::from(d.message.subject().unwrap())).collect();
    assert_eq!(subjects, ["before", "after"]);
}

#[test]
fn a_full_queue_whose_subscription_is_paused_refuses_nothing() {
    let mut bench = Bench::default();
    let topic = bench.topic("t");
    let full = bench.queue("full", QueueConfig { capacity: 1, ..brisk() });
    bench.subscribe(topic, full, OnFull::Refuse);
    bench.put(full, "in the way");
    assert!(bench.publish(Address::Topic(topic), "m".into()).is_err());
    let at = bench.at();
    bench.engine.pause_subscription(at, topic, full, &mut ()).unwrap();
    assert_eq!(bench.placed(topic, "m".into()), []);
    bench.engine.resume_subscription(at, topic, full, &mut ()).unwrap();
    assert!(bench.publish(Address::Topic(topic), "m".into()).is_err());
}

#[test]
fn an_ended_subscription_leaves_its_copies_and_may_begin_again() {
    let (mut bench, topic, queues) = world(&[&[], &["a"], &[]]);
    let [first, middle, last] = queues[..] else { panic!() };
    bench.placed(topic, about("a"));
    let at = bench.at();
    bench.engine.unsubscribe(at, topic, middle, &mut bench.events).unwrap();
    assert_eq!(bench.last_event(), Event::Unsubscribed { topic, queue: middle });
    assert_eq!(bench.placed(topic, about("a")), [first, last], "the others stay in their order");
    assert_eq!(bench.stats(middle).ready, 1);

    let refused = bench.engine.unsubscribe(at, topic, middle, &mut ());
    assert_eq!(refused, Err(SubscriptionError::NotSubscribed { topic, queue: middle }));
    bench.subscribe(topic, middle, OnFull::Refuse);
    assert_eq!(bench.placed(topic, about("b")), [first, last, middle]);
}

#[test]
fn subscriptions_that_do_not_exist_are_refused() {
    let (mut bench, topic, queues) = world(&[&[]]);
    let (stranger, nowhere) = (bench.queue("stranger", brisk()), TopicId::new(9));
    let commands: [fn(TopicId, QueueId) -> Command; 3] = [
        |topic, queue| Command::PauseSubscription { topic, queue },
        |topic, queue| Command::ResumeSubscription { topic, queue },
        |topic, queue| Command::Unsubscribe { topic, queue },
    ];
    let digest = bench.engine.digest();
    for command in commands {
        for queue in [stranger, QueueId::new(9)] {
            let refused = SubscriptionError::NotSubscribed { topic, queue };
            assert_eq!(bench.try_apply(command(topic, queue)), Err(refused.into()));
        }
        let refused = SubscriptionError::NoSuchTopic { topic: nowhere };
        assert_eq!(bench.try_apply(command(nowhere, queues[0])), Err(refused.into()));
    }
    assert_eq!(bench.engine.digest(), digest);
    assert!(bench.engine.subscriptions(nowhere).is_empty());
}

#[test]
fn what_cannot_be_subscribed_is_refused() {
    let (mut bench, topic, queues) = world(&[&[]]);
    let queue = bench.queue("new", brisk());
    let subscribe = |topic, queue| Subscribe::to(topic, queue);
    let cases = [
        (
            subscribe(topic, queues[0]),
            ConfigureError::SubscribedAlready { topic, queue: queues[0] },
        ),
        (subscribe(TopicId::new(9), queue), ConfigureError::NoSuchTopic { topic: TopicId::new(9) }),
        (subscribe(topic, QueueId::new(9)), ConfigureError::NoSuchQueue { queue: QueueId::new(9) }),
        (
            Subscribe { on_full: OnFull::Divert, ..subscribe(topic, queue) },
            ConfigureError::NowhereToDivert { queue },
        ),
        (
            Subscribe { filter: Filter::default().and("k", []), ..subscribe(topic, queue) },
            ConfigureError::Filter(FilterError::Empty { field: "filter.k".into() }),
        ),
    ];
    for (subscribe, refused) in cases {
        assert_eq!(bench.subscribe_as(subscribe), Err(refused));
    }
    assert_eq!(bench.engine.subscriptions(topic).len(), 1);
}

#[test]
fn subjects_of_a_subscription_are_bounded() {
    let (mut bench, topic, _) = world(&[]);
    let queue = bench.queue("q", brisk());
    let pattern: SubjectPattern = "a".parse().unwrap();
    let subscribe = |count: u32| Subscribe {
        subjects: vec![pattern.clone(); count as usize],
        ..Subscribe::to(topic, queue)
    };
    let (setting, range) = ("subjects", "at most 16 patterns");
    assert_eq!(limits::SUBJECTS_MAX, 16, "as the text says");
    assert_eq!(
        bench.subscribe_as(subscribe(limits::SUBJECTS_MAX + 1)),
        Err(ConfigureError::OutOfRange { setting, range })
    );
    assert_eq!(bench.subscribe_as(subscribe(limits::SUBJECTS_MAX)), Ok(()));
}

#[test]
fn subscriptions_of_a_topic_are_bounded() {
    let (mut bench, topic, _) = world(&[]);
    for index in 0..limits::SUBSCRIPTIONS_MAX {
        let queue = bench.queue(&format!("{index}"), brisk());
        bench.subscribe(topic, queue, OnFull::Refuse);
    }
    let queue = bench.queue("one more", brisk());
    let (what, max) = ("subscriptions", limits::SUBSCRIPTIONS_MAX);
    let refused = bench.subscribe_as(Subscribe::to(topic, queue));
    assert_eq!(refused, Err(ConfigureError::TooMany { what, max }));
    assert_eq!(bench.placed(topic, "m".into()).len(), max as usize);
    let at = bench.at();
    bench.engine.unsubscribe(at, topic, QueueId::new(0), &mut ()).unwrap();
    assert_eq!(bench.subscribe_as(Subscribe::to(topic, queue)), Ok(()));
}

#[test]
fn a_message_says_its_subject_or_is_refused() {
    let (mut bench, topic, queues) = world(&[&[]]);
    bench.placed(topic, about("orders.eu"));
    let delivery = bench.get(queues[0]).unwrap();
    assert_eq!(delivery.message.subject(), Some("orders.eu"));
    for to in [Address::Topic(topic), Address::Queue(queues[0])] {
        let refused = Err(PublishError::Subject(SubjectError::Wildcard));
        assert_eq!(bench.publish(to, about("orders.*")), refused);
        let refused = Err(PublishError::Subject(SubjectError::EmptyToken));
        assert_eq!(bench.publish(to, about("orders.")), refused);
    }
}

#[test]
fn a_snapshot_keeps_subscriptions_and_refuses_damaged_ones() {
    let (mut bench, topic, queues) = world(&[&["a.*", "b"], &[]]);
    let at = bench.at();
    bench.engine.pause_subscription(at, topic, queues[1], &mut ()).unwrap();
    let text = serde_json::to_string(&bench.engine.snapshot()).unwrap();
    let restore = |text: &str| -> Option<Engine> {
        Engine::restore(serde_json::from_str::<Snapshot>(text).ok()?).ok()
    };
    let mut restored = restore(&text).unwrap();
    assert_eq!(restored.digest(), bench.engine.digest());
    assert_eq!(restored.subscriptions(topic), bench.engine.subscriptions(topic));
    let published = restored.publish(at, Address::Topic(topic), about("a.b"), &mut ()).unwrap();
    assert_eq!(published.placements.len(), 1);

    let many = format!("[{}\"b\"]", "\"a\",".repeat(limits::SUBJECTS_MAX as usize));
    let damages = [
        ("[\"a.*\",\"b\"]", many.as_str()),
        ("[\"a.*\",\"b\"]", "[\"a..b\"]"),
        ("\"queue\":1,", "\"queue\":0,"),
        ("\"filter\":{}", "\"filter\":{\"k\":[]}"),
        ("\"paused\":true", "\"paused\":1"),
    ];
    for (sound, damaged) in damages {
        assert!(text.contains(sound), "{sound} is not in {text}");
        assert!(restore(&text.replacen(sound, damaged, 1)).is_none(), "{damaged} was restored");
    }
}

#[test]
fn a_subscription_reads_from_a_document_and_names_what_is_wrong() {
    let (topic, queue) = (TopicId::new(0), QueueId::new(1));
    let read = |rest: &str| {
        let text = format!(r#"{{"topic": 0, "queue": 1{rest}}}"#);
        let read: Result<Subscribe, _> = serde_json::from_str(&text);
        read.map_err(|error| std::string::ToString::to_string(&error))
    };
    assert_eq!(read(""), Ok(Subscribe::to(topic, queue)));
    let subscribe = Subscribe {
        subjects: Vec::from(["a.>".parse().unwrap()]),
        filter: Filter::from([("k".into(), Vec::from(["v".into()]))]),
        on_full: OnFull::Divert,
        ..Subscribe::to(topic, queue)
    };
    let rest = r#", "subjects": ["a.>"], "filter": {"k": ["v"]}, "on_full": "divert""#;
    assert_eq!(read(rest), Ok(subscribe));
    let wrong = [
        (r#", "subjects": ["a.>.b"]"#, "`>` comes last"),
        (r#", "subjects": [""]"#, "a subject of 0 bytes"),
        (r#", "filter": {"k": [{"PREFIX": "v"}]}"#, "`filter.k[0]`: there is no condition"),
        (r#", "filters": {}"#, "unknown field `filters`"),
    ];
    for (rest, part) in wrong {
        let said = read(rest).unwrap_err();
        assert!(said.contains(part), "{said}");
    }
}
