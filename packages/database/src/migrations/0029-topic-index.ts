export default /* sql */ `-- A topic that goes takes its mentions along, without reading those of all others.
create index topic_mentions_topic on topic_mentions (topic);
`;
