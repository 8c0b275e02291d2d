export default /* sql */ `-- As before, but the account is locked first and the paper after it, in the order of an account's deletion: a vote comes
-- before the deletion, which then withdraws it, or after, and is none. Locked by the reference alone, when the paper was
-- locked already, an account could go with a vote that its deletion had not seen, and the paper kept the count.
create or replace function cast_vote(
  paper bigint, voter uuid, cast_at timestamptz, made_until timestamptz, votes_per_hour integer
) returns table (total integer, weightless integer, patience float8) language plpgsql as $$
declare
  own real;
  this_moment timestamptz := clock_timestamp();
  begun timestamptz;
  counted integer;
begin
  select vote_weight(users, made_until) into own from users where id = voter for key share;
  if not found then return; end if;
  -- All changes of one paper queue here.
  select votes_count into total from papers where id = paper and not hidden for update;
  if not found then return; end if;
  insert into vote_windows as known (user_id, began_at, votes) values (voter, this_moment, 1)
  on conflict (user_id) do update set
    began_at = case when known.began_at > this_moment - interval '1 hour' then known.began_at else this_moment end,
    votes = case when known.began_at > this_moment - interval '1 hour' then known.votes + 1 else 1 end
  returning began_at, votes into begun, counted;
  if counted > votes_per_hour then
    patience := extract(epoch from begun + interval '1 hour' - this_moment);
    return next;
    return;
  end if;
  insert into votes (paper_id, user_id, voted_at, weight) values (paper, voter, cast_at, own) on conflict do nothing;
  if found then
    update papers set votes_count = votes_count + 1,
      hot = case when own > 0 then log_add_exp2(hot, vote_exponent(cast_at) + ln(own::float8) / ln(2::float8)) else hot end
    where id = paper returning votes_count into total;
    if own = 0 then
      select count(*) into weightless from votes
      where paper_id = paper and weight = 0 and voted_at > cast_at - interval '1 hour';
    end if;
  end if;
  return next;
end $$;
`;
