//! Response codes by chance: every one can be written, and is read as the same.

use super::*;

impl<'a> arbitrary::Arbitrary<'a> for ResponseCode {
    fn arbitrary(u: &mut arbitrary::Unstructured<'a>) -> arbitrary::Result<Self> {
        use arbitrary::{Result, Unstructured};
        fn word(u: &mut Unstructured<'_>) -> Result<Text> {
            Ok(u.arbitrary::<Atom>()?.as_bytes().into())
        }
        fn words<T>(
            u: &mut Unstructured<'_>,
            mut item: impl FnMut(&mut Unstructured<'_>) -> Result<T>,
        ) -> Result<Vec<T>> {
            (0..u.int_in_range(1..=3u8)?).map(|_| item(u)).collect()
        }
        fn numbers(u: &mut Unstructured<'_>) -> Result<SequenceSet> {
            let ranges = (0..u.int_in_range(1..=4u8)?)
                .map(|_| Ok(crate::imap::sequence::SequenceRange::new(u.arbitrary()?, u.arbitrary()?)));
            ranges.collect()
        }
        Ok(match u.int_in_range(0..=30u8)? {
            0 => Self::AppendUid(AppendUid { uid_validity: u.arbitrary()?, uids: numbers(u)? }),
            1 => Self::CopyUid(Box::new(CopyUid {
                uid_validity: u.arbitrary()?,
                source: numbers(u)?,
                destination: numbers(u)?,
            })),
            2 => Self::BadCharset(words(u, |u| {
                Ok(if u.arbitrary()? { word(u)? } else { Text::from("a \"b\\]") })
            })?),
            3 => Self::BadEvent(words(u, |u| u.arbitrary())?),
            4 => Self::BadUrl(word(u)?),
            5 => Self::Capability([u.arbitrary()?, u.arbitrary()?].into()),
            6 => Self::HighestModSeq(
                ModSequence::new(u.int_in_range(1..=ModSequence::MAX.value())?).unwrap_or(ModSequence::MAX),
            ),
            7 => Self::InProgress(None),
            8 => Self::InProgress(Some(Box::new(Progress {
                tag: if u.arbitrary()? { Some(word(u)?) } else { None },
                done: u.arbitrary()?,
                goal: u.arbitrary()?,
            }))),
            9 => Self::MailboxId(u.arbitrary()?),
            10 => Self::MaxConvertMessages(u.arbitrary()?),
            11 => Self::MaxConvertParts(u.arbitrary()?),
            12 => Self::MessageLimit { limit: u.arbitrary()?, last: u.arbitrary()? },
            13 => Self::MetadataLongEntries(u.arbitrary()?),
            14 => Self::MetadataMaxSize(u.arbitrary()?),
            15 => Self::Annotations(u.arbitrary()?),
            16 => Self::Modified(numbers(u)?),
            17 => Self::NoUpdate(word(u)?),
            18 => Self::PermanentFlags(u.arbitrary::<Flags>()?.with_wildcard(u.arbitrary()?)),
            19 => Self::Referral(words(u, word)?),
            20 => Self::UidNext(u.arbitrary()?),
            21 => Self::UidValidity(u.arbitrary()?),
            22 => Self::UndefinedFilter(u.arbitrary()?),
            23 => Self::Unseen(u.arbitrary()?),
            24 => Self::UrlMechanisms(words(u, |u| Ok(UrlMechanism { word: word(u)? }))?),
            25 => Self::new(word(u)?).unwrap_or(Self::Alert),
            _ => u.choose(Self::WORDS)?.clone(),
        })
    }
}
