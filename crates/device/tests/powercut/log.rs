//! The recorder's log, read: what was asked of the disk, in order, and what was said meanwhile.

/// Something that was asked of the disk, or said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Call<'a> {
    /// A file was made.
    Make,
    /// A folder was made.
    MakeFolder,
    /// A name was removed.
    Remove,
    /// A name became another; both lie below the recorded folder.
    Rename(&'a str),
    /// Bytes were written at a place.
    Write(usize, &'a [u8]),
    /// A file was cut, or lengthened with zeros, to a length.
    Resize(usize),
    /// A file was lengthened with zeros to at least a length.
    Lengthen(usize),
    /// A file or a folder was synced.
    Sync,
    /// Something was said on the standard output.
    Say(&'a [u8]),
}

/// A call and what it was about, as a path below the recorded folder.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry<'a> {
    pub(crate) path: &'a str,
    pub(crate) call: Call<'a>,
}

/// Every entry of a log.
pub(crate) fn parse(log: &[u8]) -> Vec<Entry<'_>> {
    let mut rest = log;
    let mut entries = Vec::new();
    while !rest.is_empty() {
        entries.push(entry(&mut rest));
    }
    entries
}

fn entry<'a>(rest: &mut &'a [u8]) -> Entry<'a> {
    let kind = take(rest, 1)[0];
    let path = text(counted(rest));
    let number = u64::from_ne_bytes(take(rest, 8).try_into().expect("eight bytes"));
    let number = usize::try_from(number).expect("a file that fits into memory");
    let bytes = counted(rest);
    let call = match kind {
        b'C' => Call::Make,
        b'M' => Call::MakeFolder,
        b'U' => Call::Remove,
        b'R' => Call::Rename(text(bytes)),
        b'W' => Call::Write(number, bytes),
        b'T' => Call::Resize(number),
        b'A' => Call::Lengthen(number),
        b'S' => Call::Sync,
        b'K' => Call::Say(bytes),
        other => panic!("the recorder knows no kind {other}"),
    };
    Entry { path, call }
}

fn counted<'a>(rest: &mut &'a [u8]) -> &'a [u8] {
    let length = u32::from_ne_bytes(take(rest, 4).try_into().expect("four bytes"));
    take(rest, length as usize)
}

fn take<'a>(rest: &mut &'a [u8], length: usize) -> &'a [u8] {
    let (taken, after) = rest.split_at_checked(length).expect("a whole log");
    *rest = after;
    taken
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("paths are UTF-8")
}
