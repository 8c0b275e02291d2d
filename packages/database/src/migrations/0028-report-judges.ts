export default /* sql */ `-- The version of gradus by whose rules a report was judged: those of another version are judged again.
alter table reports add column judged_by text;
`;
