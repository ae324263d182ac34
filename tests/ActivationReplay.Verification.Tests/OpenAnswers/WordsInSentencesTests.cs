using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Verification.Tests.OpenAnswers;

/// <summary>Names, colours and things in sentences: what is stated must be the reference; that the reference occurs is not enough.</summary>
public sealed class WordsInSentencesTests
{
    // Right.
    [TestCase("Paris", "The capital is Paris.", true)]
    [TestCase("Paris", "It is Paris, not London.", true)]
    [TestCase("Paris", "The capital is Paris, which lies on the Seine.", true)]
    [TestCase("B", "The answer is (B)**", true)]
    [TestCase("Paris", "<|begin_of_box|>Paris<|end_of_box|>", true)]
    [TestCase("x", "__x__", true)]
    [TestCase("Paris", "\"Paris\"", true)]
    [TestCase("red", "The color of the car is red.", true)]
    [TestCase("red", "Red is the color of the car.", true)]
    [TestCase("eight", "8", true)]
    [TestCase("eight", "eight", true)]
    [TestCase("Seven Samurai", "The film is Seven Samurai.", true)]
    [TestCase("Paris", "Paris is the capital of France.", true)]
    [TestCase("Paris", "I think it's Paris.", true)]
    [TestCase("London", "You might think it is Paris, but it is London.", true)]
    [TestCase("Paris", "In Paris.", true)]
    [TestCase("Paris", "The capital is not London but Paris.", true)]
    [TestCase("Paris", "Paris. It is the capital of France.", true)]
    [TestCase("red", "The car is red. It is parked outside.", true)]
    [TestCase("red", "The sky is blue. The car is red.", true)]
    [TestCase("red", "It's red in color.", true)]
    [TestCase("stop", "The sign says \"STOP\".", true)]
    [TestCase("dog", "There is a dog in the image.", true)]
    [TestCase("dog", "A dog.", true)]
    [TestCase("dog", "The animal in the picture is a dog.", true)]
    [TestCase("Paris", "**Paris**", true)]
    [TestCase("Paris", "The answer is **Paris**.", true)]
    [TestCase("Paris", "The answer is Paris because it is big.", true)]
    [TestCase("Paris", "The answer to the question is Paris.", true)]
    [TestCase("Paris", "“Paris”", true)]
    [TestCase("Paris", "What is the capital? Paris.", true)]
    [TestCase("Paris", "First we look at the map.\n\nParis", true)]
    [TestCase("Mt. Everest", "It is Mt. Everest.", true)]
    [TestCase("x", "The variable is x.", true)]
    [TestCase("Bob", "The man, who is tall, is Bob.", true)]
    [TestCase("left", "On the left.", true)]
    [TestCase("the red one", "red", true)]
    [TestCase("blue", "Therefore, the color is blue.", true)]
    [TestCase("light blue", "The shirt is light-blue.", true)]

    // Wrong.
    [TestCase("Paris", "London is bigger than Paris.", false)]
    [TestCase("Paris", "It is not Paris.", false)]
    [TestCase("red", "The car is red and blue.", false)]
    [TestCase("Seven Samurai", "7", false)]
    [TestCase("London", "London is bigger than Paris.", false)]
    [TestCase("London", "London is the wrong answer.", false)]
    [TestCase("Paris", "The capital is Paris or London.", false)]
    [TestCase("Paris", "It might be Paris.", false)]
    [TestCase("Paris", "You might think it is Paris, but it is London.", false)]
    [TestCase("Paris", "Near Paris.", false)]
    [TestCase("London", "The capital is not London but Paris.", false)]
    [TestCase("blue", "The sky is blue. The car is red.", false)]
    [TestCase("red", "It is dark red.", false)]
    [TestCase("red", "The red car is blue.", false)]
    [TestCase("dog", "There is a dog and a cat.", false)]
    [TestCase("dog", "hot dog", false)]
    [TestCase("Paris", "Is it Paris?", false)]
    [TestCase("Paris", "The man who lives near Paris is Bob.", false)]
    [TestCase("Paris", "If it is Paris then it is big.", false)]
    [TestCase("Paris", "It isn't Paris.", false)]
    public void AWordInASentence_IsWhatTheSentenceStates(string reference, string output, bool isRight) =>
        MathAnswers.Verify(reference, output).IsCorrect.Should().Be(isRight);
}
