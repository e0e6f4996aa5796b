//! Commands and states as the bytes of the journal.
//!
//! A command is its JSON document on one line. The body of what is published stands below that line
//! as it is, since bytes as JSON would be four times as long.

use postroom_core::{Body, Command, Engine, Snapshot};

/// What ends the document: JSON writes none of its own.
const END: u8 = b'\n';

pub(super) fn encode(command: &mut Command) -> Vec<u8> {
    let body = match command {
        Command::Publish { message, .. } => std::mem::take(&mut message.body),
        _ => Body::default(),
    };
    let mut bytes = Vec::with_capacity(256 + body.as_bytes().len());
    serde_json::to_writer(&mut bytes, command).expect("commands are written to memory");
    bytes.push(END);
    bytes.extend_from_slice(body.as_bytes());
    if let Command::Publish { message, .. } = command {
        message.body = body;
    }
    bytes
}

pub(super) fn decode(bytes: &[u8]) -> Result<Command, String> {
    let end = bytes.iter().position(|byte| *byte == END);
    let (document, body) = bytes.split_at(end.ok_or("a command without an end")?);
    let mut command = serde_json::from_slice(document).map_err(|error| error.to_string())?;
    if let Command::Publish { message, .. } = &mut command {
        message.body = Body::from(&body[1..]);
    }
    Ok(command)
}

pub(super) fn encode_state(engine: &Engine) -> Vec<u8> {
    serde_json::to_vec(&engine.snapshot()).expect("a snapshot is written to memory")
}

pub(super) fn decode_state(bytes: &[u8]) -> Result<Engine, String> {
    let snapshot: Snapshot = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    Engine::restore(snapshot).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use postroom_core::{Address, NewMessage, QueueId};

    use super::*;

    #[test]
    fn commands_come_back_whatever_their_bodies_hold() {
        for body in [&b""[..], b"\n", b"{}\n\0\xff", b"order 17"] {
            let message = NewMessage { subject: Some("a.b".into()), ..NewMessage::new(body) };
            let command = Command::Publish { to: Address::Queue(QueueId::new(3)), message };
            let mut written = command.clone();
            let bytes = encode(&mut written);
            assert_eq!(written, command, "what is written is as it was");
            assert_eq!(decode(&bytes), Ok(command));
        }
        let mut tick = Command::Tick;
        assert_eq!(decode(&encode(&mut tick)), Ok(Command::Tick));
        assert!(decode(b"{\"tick\"").is_err());
    }
}
